-- SPDX-License-Identifier: Apache-2.0
-- An organisation's own threats, weaknesses and chains, beside those of the catalogue.

-- class: record
create table threat (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    code text not null,
    family text not null,
    source text not null,
    properties @int not null default 0,
    plain text,
    reference text,
    state text not null,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create unique index threat_code on threat (org_id, code);
create index threat_title on threat (org_id, title, id);
create index threat_family on threat (org_id, family, title, id);
create index threat_state on threat (org_id, state, title, id);

-- class: fact
create table threat_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    code text,
    family text,
    source text,
    properties @int,
    plain text,
    reference text,
    state text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index threat_history_key on threat_history (org_id, id, version);

-- class: record
create table weakness (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    code text not null,
    area text not null,
    plain text,
    reference text,
    state text not null,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create unique index weakness_code on weakness (org_id, code);
create index weakness_title on weakness (org_id, title, id);
create index weakness_area on weakness (org_id, area, title, id);
create index weakness_state on weakness (org_id, state, title, id);

-- class: fact
create table weakness_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    code text,
    area text,
    plain text,
    reference text,
    state text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index weakness_history_key on weakness_history (org_id, id, version);

-- class: record
create table chain (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    asset_type text not null,
    threat text not null,
    weakness text not null,
    weight @int not null,
    likelihood @int,
    impact @int,
    reason text not null,
    state text not null,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index chain_title on chain (org_id, title, id);
create index chain_weight on chain (org_id, weight, id);
create index chain_asset_type on chain (org_id, asset_type, title, id);
create index chain_threat on chain (org_id, threat, title, id);
create index chain_weakness on chain (org_id, weakness, title, id);
create index chain_state on chain (org_id, state, title, id);

-- class: fact
create table chain_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    asset_type text,
    threat text,
    weakness text,
    weight @int,
    likelihood @int,
    impact @int,
    reason text,
    state text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index chain_history_key on chain_history (org_id, id, version);

-- class: record
create table chain_controls (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references chain (org_id, id) on delete cascade,
    foreign key (org_id, target) references control (org_id, id) on delete restrict
) @strict @norowid;
create index chain_controls_target on chain_controls (org_id, target, record);

-- class: fact
create table chain_controls_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index chain_controls_history_key
    on chain_controls_history (org_id, record, target, valid_from);
