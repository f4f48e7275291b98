-- SPDX-License-Identifier: Apache-2.0
-- The treatment plan: money spent, verification and order of actions; frozen versions of the plan;
-- exceptions from controls for a time.

alter table action add column spent @int;
alter table action add column verified_on text;
alter table action_history add column spent @int;
alter table action_history add column verified_on text;
create index action_start on action (org_id, start, id);

-- class: record
create table action_needs (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references action (org_id, id) on delete cascade,
    foreign key (org_id, target) references action (org_id, id) on delete restrict
) @strict @norowid;
create index action_needs_target on action_needs (org_id, target, record);

-- class: fact
create table action_needs_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index action_needs_history_key on action_needs_history (org_id, record, target, valid_from);

-- class: record
create table plan_version (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    state text not null,
    body text not null,
    body_hash text not null,
    author @int,
    actions @int not null default 0,
    done @int not null default 0,
    late @int not null default 0,
    budget @int,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;

-- class: fact
create table plan_version_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    state text,
    body text,
    body_hash text,
    author @int,
    actions @int,
    done @int,
    late @int,
    budget @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index plan_version_history_key on plan_version_history (org_id, id, version);

-- class: record
create table exemption (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    control @int,
    risk @int,
    reason text not null,
    instead text not null,
    owner @int not null,
    start text not null,
    until text not null,
    state text not null,
    author @int,
    agreed text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, control) references control (org_id, id) on delete restrict,
    foreign key (org_id, risk) references risk (org_id, id) on delete restrict,
    foreign key (org_id, owner) references person (org_id, id) on delete restrict,
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;
create index exemption_title on exemption (org_id, title, id);
create index exemption_until on exemption (org_id, until, id);
create index exemption_state_until on exemption (org_id, state, until, id);
create index exemption_control on exemption (org_id, control, id);
create index exemption_risk on exemption (org_id, risk, id);
create index exemption_owner on exemption (org_id, owner, id);

-- class: fact
create table exemption_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    control @int,
    risk @int,
    reason text,
    instead text,
    owner @int,
    start text,
    until text,
    state text,
    author @int,
    agreed text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index exemption_history_key on exemption_history (org_id, id, version);
