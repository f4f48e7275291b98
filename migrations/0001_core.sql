-- SPDX-License-Identifier: Apache-2.0
-- The ground every feature stands on. Tokens: @int @blob @json @strict @norowid (docs/style.md).

-- Numbers of records: R-1, R-2 ... never reused.
-- class: scratch
create table counter (
    org_id @int not null,
    kind text not null,
    next @int not null,
    primary key (org_id, kind)
) @strict @norowid;

-- One header per live record, derived from it: what free links, search and tasks point to.
-- class: scratch
create table record (
    org_id @int not null,
    id @int not null,
    kind text not null,
    number @int not null,
    title text not null,
    state text,
    version @int not null,
    primary key (org_id, id)
) @strict @norowid;
create unique index record_number on record (org_id, kind, number);

-- The tamper-evident log: one per organisation, org_id 0 is the system's.
-- class: fact
create table audit_entry (
    org_id @int not null,
    idx @int not null,
    entry @blob not null,
    primary key (org_id, idx)
) @strict;

-- What an entry commits to besides rows: reason, address, user agent, bodies of events. Deletable.
-- class: fact
create table audit_payload (
    org_id @int not null,
    idx @int not null,
    part text not null,
    salt @blob not null,
    body text not null,
    primary key (org_id, idx, part)
) @strict;

-- class: scratch
create table audit_frontier (
    org_id @int not null primary key,
    n @int not null,
    at @int not null,
    hashes @blob not null
) @strict;

-- class: scratch
create table audit_tile (
    org_id @int not null,
    level @int not null,
    n @int not null,
    data @blob not null,
    primary key (org_id, level, n)
) @strict;

-- class: fact
create table audit_checkpoint (
    org_id @int not null,
    size @int not null,
    at @int not null,
    note text not null,
    primary key (org_id, size)
) @strict;

-- A searchable copy of the log's columns, derived from the entries (pages and the API read it).
-- class: scratch
create table audit_event (
    org_id @int not null,
    idx @int not null,
    at @int not null,
    actor text not null,
    action text not null,
    kind text not null,
    record @int not null,
    version @int not null,
    primary key (org_id, idx)
) @strict @norowid;
create index audit_event_record on audit_event (org_id, record, idx);

-- Who an actor pseudonym of the log is; erasable.
-- class: fact
create table audit_actor (
    org_id @int not null,
    actor text not null,
    pseudonym @blob not null,
    name text not null,
    primary key (org_id, actor)
) @strict;
create unique index audit_actor_pseudonym on audit_actor (org_id, pseudonym);

-- Answers of finished operations (24 h): a repeated form or API call gets the same answer.
-- class: scratch
create table operation (
    org_id @int not null,
    op text not null,
    body_hash @blob not null,
    at @int not null,
    status @int not null,
    location text,
    answer text,
    primary key (org_id, op)
) @strict @norowid;
create index operation_at on operation (org_id, at);

-- Where an organisation is found: the only table keyed by its short name. org_id is always 0.
-- class: scratch
create table directory (
    org_id @int not null,
    slug text not null,
    organisation @int not null,
    name text not null,
    primary key (org_id, slug)
) @strict @norowid;
create unique index directory_organisation on directory (org_id, organisation);

-- Which accounts belong to which organisations, and as which person. org_id is always 0.
-- class: scratch
create table member (
    org_id @int not null,
    account @int not null,
    organisation @int not null,
    person @int not null,
    primary key (org_id, account, organisation)
) @strict @norowid;

-- class: scratch
create table session (
    org_id @int not null,
    id @int not null,
    token_hash @blob not null,
    account @int not null,
    epoch @int not null,
    csrf text not null,
    created @int not null,
    seen @int not null,
    expires @int not null,
    address text,
    agent text,
    primary key (org_id, id)
) @strict;
create unique index session_token on session (org_id, token_hash);
create index session_account on session (org_id, account);

-- One-time links: first start, invitation, reset. Only the hash is stored.
-- class: scratch
create table one_time_link (
    org_id @int not null,
    id @int not null,
    token_hash @blob not null,
    purpose text not null,
    account @int not null,
    organisation @int not null,
    person @int not null,
    created @int not null,
    expires @int not null,
    used @int not null,
    primary key (org_id, id)
) @strict;
create unique index one_time_link_token on one_time_link (org_id, token_hash);

-- class: scratch
create table throttle (
    org_id @int not null,
    bucket text not null,
    attempts @int not null,
    since @int not null,
    primary key (org_id, bucket)
) @strict @norowid;

-- class: scratch
create table job (
    org_id @int not null,
    id @int not null,
    kind text not null,
    key text not null,
    state text not null,
    run_at @int not null,
    lease_until @int not null,
    attempts @int not null,
    body text not null,
    result text,
    primary key (org_id, id)
) @strict;
create unique index job_key on job (org_id, kind, key);
create index job_ready on job (org_id, state, run_at);

-- Folded text of a record; dirty = not yet in the index.
-- class: scratch
create table search_doc (
    org_id @int not null,
    id @int not null,
    kind text not null,
    text text not null,
    dirty @int not null,
    primary key (org_id, id)
) @strict;
create index search_doc_dirty on search_doc (dirty, org_id, id);

-- The content catalogues, for joins and rules. One row per code; retired codes stay.
-- class: reference
create table catalogue (
    kind text not null,
    code text not null,
    position @int not null,
    label text not null,
    data @json not null,
    retired @int not null default 0,
    primary key (kind, code)
) @strict;

-- class: reference
create table content_state (
    name text not null primary key,
    value text not null
) @strict;

-- Single rights on single records, to a person or a role.
-- class: fact
create table access_grant (
    org_id @int not null,
    id @int not null,
    record @int not null,
    person @int,
    role text,
    may text not null,
    until text,
    primary key (org_id, id)
) @strict;
create index access_grant_record on access_grant (org_id, record, person);

-- Decisions of people: immutable, with what was shown.
-- class: fact
create table decision (
    org_id @int not null,
    id @int not null,
    kind text not null,
    subject_kind text not null,
    subject @int not null,
    subject_hash text not null,
    body text not null,
    outcome text not null,
    decided_by @int not null,
    role text not null,
    decided_at @int not null,
    comment text,
    exception text,
    expires text,
    primary key (org_id, id)
) @strict;
create index decision_subject on decision (org_id, subject, kind, decided_at);

-- People who sign in. org_id is always 0.
-- class: record
create table account (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    email text not null,
    email_key text not null,
    name text not null,
    state text not null,
    password text,
    epoch @int not null,
    operator @int not null default 0,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, email_key)
) @strict;

-- class: fact
create table account_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    email text,
    email_key text,
    name text,
    state text,
    password text,
    epoch @int,
    operator @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index account_history_key on account_history (org_id, id, version);

-- API tokens; the hash only. org_id is always 0.
-- class: record
create table token (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text not null,
    token_hash text not null,
    account @int not null,
    organisation @int not null,
    scope text not null,
    epoch @int not null,
    expires text,
    state text not null,
    primary key (org_id, id),
    unique (org_id, number),
    unique (org_id, token_hash),
    foreign key (org_id, account) references account (org_id, id) on delete restrict
) @strict;

-- class: fact
create table token_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    name text,
    token_hash text,
    account @int,
    organisation @int,
    scope text,
    epoch @int,
    expires text,
    state text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index token_history_key on token_history (org_id, id, version);

