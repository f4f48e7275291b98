-- SPDX-License-Identifier: Apache-2.0
-- Tasks of people, hand-overs of the work of those who leave, calendar feeds.

-- class: record
create table task (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    description text,
    about @int,
    assignee @int,
    given_by @int,
    start text,
    due text,
    estimate @int,
    spent @int,
    priority text not null,
    status text not null,
    waiting_for text,
    steps text,
    repeat text,
    repeat_from text not null,
    cancel_reason text,
    closed_by @int,
    closed_on text,
    repeat_start text,
    occurs_on text,
    previous @int,
    series @int,
    turn @int,
    -- derived
    next_on text,
    steps_total @int not null default 0,
    steps_done @int not null default 0,
    blocked @int not null default 0,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, assignee) references person (org_id, id) on delete restrict,
    foreign key (org_id, given_by) references person (org_id, id) on delete restrict,
    foreign key (org_id, closed_by) references person (org_id, id) on delete restrict
) @strict;
create index task_title on task (org_id, title, id);
create index task_due on task (org_id, due, id);
create index task_start on task (org_id, start, id);
create index task_priority on task (org_id, priority, id);
create index task_status_due on task (org_id, status, due, id);
create index task_assignee on task (org_id, assignee, status, due, id);
create index task_given_by on task (org_id, given_by, status, due, id);
create index task_about on task (org_id, about, status, due, id);
create index task_next_on on task (org_id, next_on, id);
create unique index task_previous on task (org_id, previous);
create index task_series on task (org_id, series, status);

-- class: fact
create table task_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    description text,
    about @int,
    assignee @int,
    given_by @int,
    start text,
    due text,
    estimate @int,
    spent @int,
    priority text,
    status text,
    waiting_for text,
    steps text,
    repeat text,
    repeat_from text,
    cancel_reason text,
    closed_by @int,
    closed_on text,
    repeat_start text,
    occurs_on text,
    previous @int,
    series @int,
    turn @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index task_history_key on task_history (org_id, id, version);
-- Whether an occurrence has its successor already, even when somebody removed that again.
create index task_history_previous on task_history (org_id, previous);

-- class: record
create table task_watchers (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references task (org_id, id) on delete cascade,
    foreign key (org_id, target) references person (org_id, id) on delete restrict
) @strict @norowid;
create index task_watchers_target on task_watchers (org_id, target, record);

-- class: fact
create table task_watchers_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index task_watchers_history_key on task_watchers_history (org_id, record, target, valid_from);

-- class: record
create table task_needs (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references task (org_id, id) on delete cascade,
    foreign key (org_id, target) references task (org_id, id) on delete restrict
) @strict @norowid;
create index task_needs_target on task_needs (org_id, target, record);

-- class: fact
create table task_needs_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index task_needs_history_key on task_needs_history (org_id, record, target, valid_from);

-- One step by which the work of a person went to others.
-- class: record
create table handover (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    person @int not null,
    reason text not null,
    state text not null,
    handed_on text not null,
    handed_by @int,
    moved @int not null,
    body text not null,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, person) references person (org_id, id) on delete restrict,
    foreign key (org_id, handed_by) references person (org_id, id) on delete restrict
) @strict;
create index handover_person on handover (org_id, person, id);

-- class: fact
create table handover_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    person @int,
    reason text,
    state text,
    handed_on text,
    handed_by @int,
    moved @int,
    body text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index handover_history_key on handover_history (org_id, id, version);

-- Secret addresses of calendars. Only the hash is stored; org_id is always 0, as for sessions.
-- class: scratch
create table calendar_feed (
    org_id @int not null,
    id @int not null,
    token_hash @blob not null,
    name text not null,
    account @int not null,
    organisation @int not null,
    person @int not null,
    created @int not null,
    primary key (org_id, id)
) @strict;
create unique index calendar_feed_token on calendar_feed (org_id, token_hash);
create index calendar_feed_person on calendar_feed (org_id, organisation, person);
