-- SPDX-License-Identifier: Apache-2.0
-- Free links between records of any kind, drafts of forms, and what was removed.

-- No foreign keys: what a link names may be removed and come back.
-- class: record
create table link (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    source @int not null,
    type text not null,
    target @int not null,
    why text,
    title text,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index link_source on link (org_id, source, id);
create index link_target on link (org_id, target, id);
create index link_type on link (org_id, type, id);
create index link_title on link (org_id, title, id);

-- class: fact
create table link_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    source @int,
    type text,
    target @int,
    why text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index link_history_key on link_history (org_id, id, version);
create index link_history_source on link_history (org_id, source, id);
create index link_history_target on link_history (org_id, target, id);

-- What an account typed into a form and has not saved: theirs alone, never evidence. Record 0 is a
-- new one.
-- class: scratch
create table draft (
    org_id @int not null,
    account @int not null,
    kind text not null,
    record @int not null,
    version @int not null,
    at @int not null,
    body text not null,
    primary key (org_id, account, kind, record)
) @strict;
create index draft_at on draft (org_id, at);

-- Removed records of a kind, newest first.
create index audit_event_removed on audit_event (org_id, kind, idx) where action = 'remove';

-- Who waits on a person's check of an action.
create index action_verifier on action (org_id, verifier, id) where verifier is not null;
