-- SPDX-License-Identifier: Apache-2.0
-- Imports: what was brought in, what each row made of which record, and how it may be taken back.

-- Who brought which file into which register, and what came of it.
-- class: record
create table import (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    file_name text not null,
    kind text not null,
    state text not null,
    mode text not null,
    source text,
    rows_read @int not null default 0,
    created @int not null default 0,
    changed @int not null default 0,
    same @int not null default 0,
    wrong @int not null default 0,
    who text,
    started @int not null,
    ended @int,
    file_hash text not null,
    file_size @int not null default 0,
    note text,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index import_started on import (org_id, started, id);

-- class: fact
create table import_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    file_name text,
    kind text,
    state text,
    mode text,
    source text,
    rows_read @int,
    created @int,
    changed @int,
    same @int,
    wrong @int,
    who text,
    started @int,
    ended @int,
    file_hash text,
    file_size @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index import_history_key on import_history (org_id, id, version);

-- What a row did: the record as it was (0 = it was not there) and as it is since. The records' own
-- entries in the log prove it; this says which of them belong to one import.
-- class: fact
create table import_effect (
    org_id @int not null,
    import @int not null,
    step @int not null,
    row_no @int not null,
    record @int not null,
    was @int not null,
    version @int not null,
    primary key (org_id, import, step)
) @strict @norowid;

-- What an undo could not take back, and why.
-- class: fact
create table import_left (
    org_id @int not null,
    import @int not null,
    record @int not null,
    why text not null,
    primary key (org_id, import, record)
) @strict @norowid;

-- Which record stands for which key of another program, so that a list that comes again changes
-- records instead of doubling them. `record` may be gone by now.
-- class: scratch
create table import_key (
    org_id @int not null,
    kind text not null,
    source text not null,
    external text not null,
    record @int not null,
    primary key (org_id, kind, source, external)
) @strict @norowid;
create index import_key_record on import_key (org_id, record);

-- How a file with these headings was matched last.
-- class: scratch
create table import_mapping (
    org_id @int not null,
    kind text not null,
    headings text not null,
    settings text not null,
    at @int not null,
    primary key (org_id, kind, headings)
) @strict @norowid;

-- A file between upload and import, of the account that sent it. Gone after a few days.
-- class: scratch
create table import_draft (
    org_id @int not null,
    id @int not null,
    token text not null,
    account @int not null,
    kind text not null,
    at @int not null,
    state text not null,
    file_name text not null,
    file_hash text not null,
    file_size @int not null,
    settings text not null,
    facts text not null,
    problem text,
    rows_done @int not null default 0,
    rows_all @int not null default 0,
    import @int,
    job @int,
    primary key (org_id, id)
) @strict;
create unique index import_draft_token on import_draft (org_id, token);

-- class: scratch
create table import_file (
    org_id @int not null,
    draft @int not null,
    part @int not null,
    body @blob not null,
    primary key (org_id, draft, part)
) @strict;

-- What the check found about each row of a draft.
-- class: scratch
create table import_row (
    org_id @int not null,
    draft @int not null,
    row_no @int not null,
    fate text not null,
    record @int not null,
    title text not null,
    changes text not null,
    problems text not null,
    primary key (org_id, draft, row_no)
) @strict @norowid;
create index import_row_fate on import_row (org_id, draft, fate, row_no);
