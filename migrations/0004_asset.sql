-- SPDX-License-Identifier: Apache-2.0
-- Assets.

-- class: record
create table asset (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    type text not null,
    description text,
    owner @int,
    unit @int,
    media @int not null default 0,
    location text,
    c @int,
    i @int,
    a @int,
    override_reason text,
    in_scope @int not null default 1,
    personal_data @int not null default 0,
    no_risk_reason text,
    state text not null,
    external_id text,
    seed text,
    -- derived
    kind text,
    value_c @int,
    value_i @int,
    value_a @int,
    value @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict,
    foreign key (org_id, unit) references unit (org_id, id) on delete restrict
) @strict;
create index asset_name on asset (org_id, name, id);
create index asset_type_name on asset (org_id, type, name, id);
create index asset_owner_name on asset (org_id, owner, name, id);
create index asset_state_name on asset (org_id, state, name, id);
create index asset_unit_name on asset (org_id, unit, name, id);
create index asset_external_id on asset (org_id, external_id, id);
create index asset_location on asset (org_id, location, id);

-- class: fact
create table asset_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    type text,
    description text,
    owner @int,
    unit @int,
    media @int,
    location text,
    c @int,
    i @int,
    a @int,
    override_reason text,
    in_scope @int,
    personal_data @int,
    no_risk_reason text,
    state text,
    external_id text,
    seed text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index asset_history_key on asset_history (org_id, id, version);

-- class: record
create table asset_carries (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references asset (org_id, id) on delete cascade,
    foreign key (org_id, target) references asset (org_id, id) on delete restrict
) @strict @norowid;
create index asset_carries_target on asset_carries (org_id, target, record);

-- class: fact
create table asset_carries_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index asset_carries_history_key on asset_carries_history (org_id, record, target, valid_from);

create index asset_value on asset (org_id, value, id);
create index asset_kind on asset (org_id, kind, id);
create index asset_seed on asset (org_id, seed) where seed is not null;

-- Suggestions that somebody decided not to take, with the reason.
-- class: record
create table dismissal (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    subject text not null,
    key text not null,
    reason text not null,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, subject, key)
) @strict;

-- class: fact
create table dismissal_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    subject text,
    key text,
    reason text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index dismissal_history_key on dismissal_history (org_id, id, version);

