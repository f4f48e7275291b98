-- SPDX-License-Identifier: Apache-2.0
-- Risks and opportunities of the ISMS itself (6.1.1): what could keep it from its results, or help
-- it to them, what is done about it, and what came of that.

-- class: record
create table prospect (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    kind text not null,
    state text not null,
    effect text,
    action text,
    owner @int,
    due text,
    measure text,
    evaluated text,
    evaluation text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index prospect_title on prospect (org_id, title, id);
create index prospect_due on prospect (org_id, due, id);
create index prospect_owner on prospect (org_id, owner, id);

-- class: fact
create table prospect_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    kind text,
    state text,
    effect text,
    action text,
    owner @int,
    due text,
    measure text,
    evaluated text,
    evaluation text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index prospect_history_key on prospect_history (org_id, id, version);
