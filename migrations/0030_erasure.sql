-- SPDX-License-Identifier: Apache-2.0
-- Erasing personal data from live rows, history and log: who asked for it, on which legal basis, who
-- agreed, and what was erased (ids only).

-- class: record
create table erasure (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    subject @int not null,
    basis text not null,
    reason text not null,
    state text not null,
    author @int,
    decider @int,
    comment text,
    exception text,
    parts text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, author) references person (org_id, id) on delete restrict,
    foreign key (org_id, decider) references person (org_id, id) on delete restrict
) @strict;
create index erasure_title on erasure (org_id, title, id);
create index erasure_state on erasure (org_id, state, id);
create index erasure_author on erasure (org_id, author, id);
create index erasure_decider on erasure (org_id, decider, id);
create index erasure_subject on erasure (org_id, subject, id);

-- class: fact
create table erasure_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    subject @int,
    basis text,
    reason text,
    state text,
    author @int,
    decider @int,
    comment text,
    exception text,
    parts text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index erasure_history_key on erasure_history (org_id, id, version);
