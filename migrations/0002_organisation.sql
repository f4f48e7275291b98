-- SPDX-License-Identifier: Apache-2.0
-- Who we are: organisation, profile, units, people, roles.

-- class: record
create table organisation (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    slug text not null,
    legal_name text,
    zone text not null,
    language text not null,
    currency text not null,
    sector text,
    note text,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;

-- class: fact
create table organisation_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    slug text,
    legal_name text,
    zone text,
    language text,
    currency text,
    sector text,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index organisation_history_key on organisation_history (org_id, id, version);

-- Departments and teams. `head` is a person (checked in code: people come after units).
-- class: record
create table unit (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    parent @int,
    head @int,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, parent) references unit (org_id, id) on delete restrict
) @strict;
create index unit_name on unit (org_id, name, id);

-- class: fact
create table unit_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    parent @int,
    head @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index unit_history_key on unit_history (org_id, id, version);

-- class: record
create table person (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    email text,
    job text,
    unit @int,
    external @int not null default 0,
    state text not null,
    joined text,
    left_on text,
    account @int,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, unit) references unit (org_id, id) on delete restrict
) @strict;
create index person_name on person (org_id, name, id);
create index person_email on person (org_id, email, id);
create index person_state_name on person (org_id, state, name, id);
create index person_unit_name on person (org_id, unit, name, id);

-- class: fact
create table person_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    email text,
    job text,
    unit @int,
    external @int,
    state text,
    joined text,
    left_on text,
    account @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index person_history_key on person_history (org_id, id, version);

-- class: record
create table role_holder (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    person @int not null,
    role text not null,
    unit @int,
    duties @int not null default 0,
    from_date text not null,
    until text,
    acknowledged text,
    note text,
    -- derived
    title text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, person) references person (org_id, id) on delete restrict,
    foreign key (org_id, unit) references unit (org_id, id) on delete restrict
) @strict;
create index role_holder_person on role_holder (org_id, person, id);
create index role_holder_role on role_holder (org_id, role, id);

-- class: fact
create table role_holder_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    person @int,
    role text,
    unit @int,
    duties @int,
    from_date text,
    until text,
    acknowledged text,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index role_holder_history_key on role_holder_history (org_id, id, version);

-- Answers that drive suggestions, one row per organisation.
-- class: record
create table profile (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    headcount @int,
    revenue @int,
    sites text,
    remote_work text,
    own_devices text,
    cloud text,
    own_servers text,
    own_network text,
    develops text,
    outsourced_development text,
    personal_data text,
    card_payment text,
    government text,
    critical_suppliers text,
    downtime text,
    countries text,
    sector text,
    certificate_demand text,
    deadline text,
    ot text,
    practice @int,
    experienced text,
    budget text,
    title text not null,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;

-- class: fact
create table profile_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    headcount @int,
    revenue @int,
    sites text,
    remote_work text,
    own_devices text,
    cloud text,
    own_servers text,
    own_network text,
    develops text,
    outsourced_development text,
    personal_data text,
    card_payment text,
    government text,
    critical_suppliers text,
    downtime text,
    countries text,
    sector text,
    certificate_demand text,
    deadline text,
    ot text,
    practice @int,
    experienced text,
    budget text,
    title text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index profile_history_key on profile_history (org_id, id, version);

