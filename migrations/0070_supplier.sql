-- SPDX-License-Identifier: Apache-2.0
-- Suppliers and locations.

-- Who delivers what, what it may reach, and what was agreed.
-- class: record
create table supplier (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    kind text not null,
    service text not null,
    state text not null,
    owner @int,
    country text,
    contact text,
    contact_email text,
    contact_phone text,
    data @int,
    access @int,
    dependence @int,
    personal_data text,
    dpa_on text,
    data_places text,
    sub_suppliers text,
    contract text,
    contract_from text,
    contract_until text,
    notice_by text,
    terms @int not null default 0,
    gap_reason text,
    duties text,
    exit_plan text,
    assessed text,
    assessment text,
    next_review text,
    external_id text,
    criticality @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index supplier_name on supplier (org_id, name, id);
create index supplier_kind_name on supplier (org_id, kind, name, id);
create index supplier_state_name on supplier (org_id, state, name, id);
create index supplier_owner_name on supplier (org_id, owner, name, id);
create index supplier_country on supplier (org_id, country, id);
create index supplier_criticality on supplier (org_id, criticality, id);
create index supplier_contract_until on supplier (org_id, contract_until, id);
create index supplier_assessed on supplier (org_id, assessed, id);
create index supplier_next_review on supplier (org_id, next_review, id);
create index supplier_external_id on supplier (org_id, external_id, id);

-- class: fact
create table supplier_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    kind text,
    service text,
    state text,
    owner @int,
    country text,
    contact text,
    contact_email text,
    contact_phone text,
    data @int,
    access @int,
    dependence @int,
    personal_data text,
    dpa_on text,
    data_places text,
    sub_suppliers text,
    contract text,
    contract_from text,
    contract_until text,
    notice_by text,
    terms @int,
    gap_reason text,
    duties text,
    exit_plan text,
    assessed text,
    assessment text,
    next_review text,
    external_id text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index supplier_history_key on supplier_history (org_id, id, version);

-- Where people work and assets are.
-- class: record
create table location (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    kind text not null,
    state text not null,
    address text,
    country text,
    provider @int,
    owner @int,
    in_scope @int not null default 1,
    access text,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, provider) references supplier (org_id, id) on delete restrict,
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index location_name on location (org_id, name, id);
create index location_kind_name on location (org_id, kind, name, id);
create index location_state_name on location (org_id, state, name, id);
create index location_owner_name on location (org_id, owner, name, id);
create index location_provider on location (org_id, provider, id);
create index location_country on location (org_id, country, id);

-- class: fact
create table location_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    kind text,
    state text,
    address text,
    country text,
    provider @int,
    owner @int,
    in_scope @int,
    access text,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index location_history_key on location_history (org_id, id, version);
