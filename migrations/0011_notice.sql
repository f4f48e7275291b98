-- SPDX-License-Identifier: Apache-2.0
-- What people are told: their inbox, what goes out as mail, and how they want it.

-- One row tells one person one thing. `text` is the English sentence with %s, `args` its words as a
-- JSON array; it is put into the reader's language when it is read. `mail`: 0 = not decided yet,
-- -1 = never, else the mail that told it. `mail_at`: when to decide (again).
-- class: scratch
create table notice (
    org_id @int not null,
    id @int not null,
    person @int not null,
    kind text not null,
    cause text not null,
    record @int not null,
    path text not null,
    text text not null,
    args text not null,
    urgent @int not null,
    at @int not null,
    read_at @int not null,
    mail @int not null,
    mail_at @int not null,
    primary key (org_id, id)
) @strict @norowid;
create unique index notice_cause on notice (org_id, person, cause);
create index notice_inbox on notice (org_id, person, id);
create index notice_unread on notice (org_id, person) where read_at = 0;
create index notice_pending on notice (mail_at, org_id, person) where mail = 0;

-- The outbox. A mail is written with the notices that it tells, and a job sends it. States: waiting;
-- sending = its last byte is about to leave; unsure = it left, but no answer came; sent; refused;
-- dropped = the person has no access any more.
-- class: scratch
create table mail (
    org_id @int not null,
    id @int not null,
    person @int not null,
    to_name text not null,
    to_address text not null,
    subject text not null,
    text text not null,
    html text not null,
    refs text not null,
    state text not null,
    answer text not null,
    attempts @int not null,
    at @int not null,
    sent_at @int not null,
    primary key (org_id, id)
) @strict;
create index mail_state on mail (org_id, state, id);
create index mail_at on mail (at, org_id);

-- How a person wants to be told of one kind: now, day, week, never.
-- class: scratch
create table notice_choice (
    org_id @int not null,
    person @int not null,
    kind text not null,
    how text not null,
    primary key (org_id, person, kind)
) @strict @norowid;

-- Hours of the person's own time zone: no mail from..until (both -1: no such hours) and on weekends
-- (quiet_weekend), digests at digest_hour.
-- class: scratch
create table notice_hours (
    org_id @int not null,
    person @int not null,
    quiet_from @int not null,
    quiet_until @int not null,
    quiet_weekend @int not null,
    digest_hour @int not null,
    primary key (org_id, person)
) @strict @norowid;

-- Records whose comments and changes a person does not want to hear of.
-- class: scratch
create table notice_mute (
    org_id @int not null,
    person @int not null,
    record @int not null,
    primary key (org_id, person, record)
) @strict @norowid;

-- How far a consumer of the log is, and for which day the reminders were made.
-- class: scratch
create table notice_state (
    org_id @int not null,
    name text not null,
    value text not null,
    primary key (org_id, name)
) @strict @norowid;
