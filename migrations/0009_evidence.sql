-- SPDX-License-Identifier: Apache-2.0
-- Files by their content, uploads under way, and evidence.

-- Every file that something of the organisation names, once per content. erased_at: the bytes are
-- gone on purpose.
-- class: fact
create table stored_file (
    org_id @int not null,
    hash text not null,
    size @int not null,
    stored_at @int not null,
    person @int,
    erased_at @int not null default 0,
    primary key (org_id, hash)
) @strict @norowid;
create index stored_file_erased on stored_file (org_id, erased_at) where erased_at > 0;

-- What the files of an organisation add up to.
-- class: scratch
create table blob_use (
    org_id @int not null,
    bytes @int not null,
    files @int not null,
    primary key (org_id)
) @strict @norowid;

-- The bytes themselves, when they are kept in the database. A backup writes them as files.
-- class: system
create table blob_data (
    org_id @int not null,
    hash text not null,
    at @int not null,
    data @blob not null,
    primary key (org_id, hash)
) @strict;

-- Bytes that are on their way to S3 or stored there and not named by a row yet.
-- class: system
create table blob_pending (
    org_id @int not null,
    hash text not null,
    at @int not null,
    dropping @int not null,
    primary key (org_id, hash)
) @strict @norowid;

-- What a person has uploaded in a day.
-- class: scratch
create table upload_use (
    org_id @int not null,
    person @int not null,
    day text not null,
    bytes @int not null,
    files @int not null,
    primary key (org_id, person, day)
) @strict @norowid;

-- Uploads under way. How far one is tells the size of its file.
-- class: scratch
create table upload (
    org_id @int not null,
    id @int not null,
    account @int not null,
    filename text not null,
    size @int not null,
    created @int not null,
    primary key (org_id, id)
) @strict;
create index upload_created on upload (org_id, created, id);

-- What shows that something is done: a file, a link, or the reason why no document is needed.
-- class: record
create table evidence (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    kind text not null,
    description text,
    owner @int,
    collected text,
    valid_until text,
    url text,
    reason text,
    retention text,
    hold text,
    file_name text,
    file_type text,
    file_size @int,
    file_version @int,
    file_hash text,
    scan text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index evidence_title on evidence (org_id, title, id);
create index evidence_kind on evidence (org_id, kind, title, id);
create index evidence_owner on evidence (org_id, owner, title, id);
create index evidence_collected on evidence (org_id, collected, id);
create index evidence_valid_until on evidence (org_id, valid_until, id);

-- class: fact
create table evidence_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    kind text,
    description text,
    owner @int,
    collected text,
    valid_until text,
    url text,
    reason text,
    retention text,
    hold text,
    file_name text,
    file_type text,
    file_size @int,
    file_version @int,
    file_hash text,
    scan text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index evidence_history_key on evidence_history (org_id, id, version);

-- What a piece of evidence shows something about: records of any kind.
-- class: record
create table evidence_about (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references evidence (org_id, id) on delete cascade
) @strict @norowid;
create index evidence_about_target on evidence_about (org_id, target, record);

-- class: fact
create table evidence_about_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index evidence_about_history_key
    on evidence_about_history (org_id, record, target, valid_from);
