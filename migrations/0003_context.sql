-- SPDX-License-Identifier: Apache-2.0
-- Controls (Annex A and own), interested parties, requirements.

-- class: record
create table control (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    code text not null,
    title text not null,
    name text not null,
    theme text not null,
    origin text not null,
    framework text,
    maps_to text,
    applicable text not null,
    justification text,
    business_reason text,
    baseline @int not null default 0,
    status text not null,
    how text,
    evidence text,
    owner @int,
    reviewed text,
    -- derived
    position @int not null default 0,
    proposed text,
    proposed_because text,
    in_use @int not null default 0,
    in_use_because text,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, code),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index control_code on control (org_id, code, id);
create index control_title on control (org_id, title, id);
create index control_theme_code on control (org_id, theme, code, id);
create index control_applicable_code on control (org_id, applicable, code, id);
create index control_status_code on control (org_id, status, code, id);
create index control_owner_code on control (org_id, owner, code, id);

-- class: fact
create table control_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    code text,
    title text,
    name text,
    theme text,
    origin text,
    framework text,
    maps_to text,
    applicable text,
    justification text,
    business_reason text,
    baseline @int,
    status text,
    how text,
    evidence text,
    owner @int,
    reviewed text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index control_history_key on control_history (org_id, id, version);

create index control_position on control (org_id, position, id);

-- class: record
create table party (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    type text not null,
    external @int not null default 1,
    state text not null,
    why_not text,
    note text,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index party_name on party (org_id, name, id);
create index party_type_name on party (org_id, type, name, id);
create index party_state_name on party (org_id, state, name, id);

-- class: fact
create table party_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    type text,
    external @int,
    state text,
    why_not text,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index party_history_key on party_history (org_id, id, version);

-- class: record
create table requirement (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    kind text not null,
    party @int,
    source text,
    jurisdiction text,
    summary text,
    addressed text not null,
    why_not text,
    needs_document @int not null default 0,
    how_met text,
    status text not null,
    owner @int,
    reviewed text,
    seed text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, party) references party (org_id, id) on delete restrict,
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index requirement_title on requirement (org_id, title, id);
create index requirement_kind_title on requirement (org_id, kind, title, id);
create index requirement_party_title on requirement (org_id, party, title, id);
create index requirement_owner_title on requirement (org_id, owner, title, id);
create index requirement_status_title on requirement (org_id, status, title, id);
create index requirement_reviewed on requirement (org_id, reviewed, id);

-- class: fact
create table requirement_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    kind text,
    party @int,
    source text,
    jurisdiction text,
    summary text,
    addressed text,
    why_not text,
    needs_document @int,
    how_met text,
    status text,
    owner @int,
    reviewed text,
    seed text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index requirement_history_key on requirement_history (org_id, id, version);

-- class: record
create table requirement_controls (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references requirement (org_id, id) on delete cascade,
    foreign key (org_id, target) references control (org_id, id) on delete restrict
) @strict @norowid;
create index requirement_controls_target on requirement_controls (org_id, target, record);

-- class: fact
create table requirement_controls_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index requirement_controls_history_key on requirement_controls_history (org_id, record, target, valid_from);

