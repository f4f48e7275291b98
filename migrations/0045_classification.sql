-- SPDX-License-Identifier: Apache-2.0
-- Classification: schemes with their levels, labelling rules per medium, handling rules per level and
-- medium, media of one's own; and the level of each asset, with who confirmed it.

-- Forms of information besides the six that everybody has.
-- class: record
create table medium (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    description text,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index medium_name on medium (org_id, name, id);

-- class: fact
create table medium_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    description text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index medium_history_key on medium_history (org_id, id, version);

-- class: record
create table scheme (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    state text not null,
    kind text not null,
    partner text,
    purpose text,
    duty text,
    release text,
    labelling @int not null,
    review_months @int,
    author @int,
    preset text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;
create index scheme_title on scheme (org_id, title, id);
create index scheme_state on scheme (org_id, state, id);
create index scheme_kind on scheme (org_id, kind, id);
create index scheme_author on scheme (org_id, author, id);

-- class: fact
create table scheme_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    state text,
    kind text,
    partner text,
    purpose text,
    duty text,
    release text,
    labelling @int,
    review_months @int,
    author @int,
    preset text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index scheme_history_key on scheme_history (org_id, id, version);

-- A level of a scheme.
-- class: record
create table classification (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    scheme @int not null,
    rank @int not null,
    tone text not null,
    tier text not null,
    confidential @int not null,
    printed @int not null,
    meaning text not null,
    access text,
    lowest @int,
    highest @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, scheme) references scheme (org_id, id) on delete restrict
) @strict;
create index classification_name on classification (org_id, name, id);
create index classification_rank on classification (org_id, rank, id);
create index classification_scheme_rank on classification (org_id, scheme, rank, id);
create index classification_confidential on classification (org_id, confidential, id);
create index classification_printed on classification (org_id, printed, id);

-- class: fact
create table classification_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    scheme @int,
    rank @int,
    tone text,
    tier text,
    confidential @int,
    printed @int,
    meaning text,
    access text,
    lowest @int,
    highest @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index classification_history_key on classification_history (org_id, id, version);

-- class: record
create table classification_equal (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references classification (org_id, id) on delete cascade,
    foreign key (org_id, target) references classification (org_id, id) on delete restrict
) @strict @norowid;
create index classification_equal_target on classification_equal (org_id, target, record);

-- class: fact
create table classification_equal_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index classification_equal_history_key on classification_equal_history (org_id, record, target, valid_from);

-- How information in one form is labelled.
-- class: record
create table marking (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    scheme @int not null,
    medium text not null,
    own_medium @int,
    place text not null,
    rule text,
    who text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, scheme) references scheme (org_id, id) on delete restrict,
    foreign key (org_id, own_medium) references medium (org_id, id) on delete restrict
) @strict;
create index marking_title on marking (org_id, title, id);
create index marking_scheme on marking (org_id, scheme, medium, own_medium, id);
create index marking_medium on marking (org_id, medium, id);
create index marking_own_medium on marking (org_id, own_medium, id);

-- class: fact
create table marking_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    scheme @int,
    medium text,
    own_medium @int,
    place text,
    rule text,
    who text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index marking_history_key on marking_history (org_id, id, version);

-- What may be done with information of a level in one form, over its life.
-- class: record
create table handling (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    level @int not null,
    medium text not null,
    own_medium @int,
    making text,
    storing text,
    inside text,
    outside text,
    copying text,
    printing text,
    carrying text,
    disposing text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, level) references classification (org_id, id) on delete restrict,
    foreign key (org_id, own_medium) references medium (org_id, id) on delete restrict
) @strict;
create index handling_title on handling (org_id, title, id);
create index handling_level on handling (org_id, level, medium, own_medium, id);
create index handling_medium on handling (org_id, medium, id);
create index handling_own_medium on handling (org_id, own_medium, id);

-- class: fact
create table handling_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    level @int,
    medium text,
    own_medium @int,
    making text,
    storing text,
    inside text,
    outside text,
    copying text,
    printing text,
    carrying text,
    disposing text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index handling_history_key on handling_history (org_id, id, version);

alter table asset add column classification @int;
alter table asset add column classified_by @int;
alter table asset add column classified_on text;
alter table asset add column classification_reason text;
alter table asset_history add column classification @int;
alter table asset_history add column classified_by @int;
alter table asset_history add column classified_on text;
alter table asset_history add column classification_reason text;
create index asset_classification_name on asset (org_id, classification, name, id);
create index asset_classified_by on asset (org_id, classified_by, id);
create index asset_unconfirmed on asset (org_id, owner, id) where classified_on is null;

-- class: record
create table asset_own_media (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references asset (org_id, id) on delete cascade,
    foreign key (org_id, target) references medium (org_id, id) on delete restrict
) @strict @norowid;
create index asset_own_media_target on asset_own_media (org_id, target, record);

-- class: fact
create table asset_own_media_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index asset_own_media_history_key on asset_own_media_history (org_id, record, target, valid_from);
