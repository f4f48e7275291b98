-- SPDX-License-Identifier: Apache-2.0
-- Reasons to assess again: what happened since the last round. `key` keeps the program from finding
-- the same one twice; people's own have none.

-- class: record
create table cause (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    kind text not null,
    about @int,
    note text,
    state text not null,
    since text not null,
    key text,
    task @int,
    assessment @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, task) references task (org_id, id) on delete restrict,
    foreign key (org_id, assessment) references assessment (org_id, id) on delete restrict
) @strict;
create unique index cause_key on cause (org_id, key);
create index cause_kind on cause (org_id, kind, id);
create index cause_state on cause (org_id, state, id);
create index cause_about on cause (org_id, about, id);
create index cause_title on cause (org_id, title, id);
create index cause_since on cause (org_id, since, id);

-- class: fact
create table cause_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    kind text,
    about @int,
    note text,
    state text,
    since text,
    key text,
    task @int,
    assessment @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index cause_history_key on cause_history (org_id, id, version);
