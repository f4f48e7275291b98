-- SPDX-License-Identifier: Apache-2.0
-- What people say about records, and questions to a person. `about` points to a record of any kind
-- and has no foreign key: the record may be removed and come back.

-- class: record
create table comment (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    kind text not null,
    state text,
    about @int,
    parent @int,
    body text,
    author @int not null,
    asked @int,
    answer @int,
    written @int not null,
    edited @int,
    resolved_by @int,
    resolved_at @int,
    removed_by @int,
    removed_at @int,
    removed_why text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, parent) references comment (org_id, id) on delete restrict,
    foreign key (org_id, answer) references comment (org_id, id) on delete restrict,
    foreign key (org_id, author) references person (org_id, id) on delete restrict,
    foreign key (org_id, asked) references person (org_id, id) on delete restrict,
    foreign key (org_id, resolved_by) references person (org_id, id) on delete restrict,
    foreign key (org_id, removed_by) references person (org_id, id) on delete restrict
) @strict;
create index comment_about on comment (org_id, about, state, id);
create index comment_parent on comment (org_id, parent, id);
create index comment_answer on comment (org_id, answer);
create index comment_author on comment (org_id, author, id);
create index comment_asked on comment (org_id, asked, state, id);
create index comment_kind on comment (org_id, kind, state, id);

-- class: fact
create table comment_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    kind text,
    state text,
    about @int,
    parent @int,
    body text,
    author @int,
    asked @int,
    answer @int,
    written @int,
    edited @int,
    resolved_by @int,
    resolved_at @int,
    removed_by @int,
    removed_at @int,
    removed_why text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index comment_history_key on comment_history (org_id, id, version);

-- class: record
create table comment_mentioned (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references comment (org_id, id) on delete cascade,
    foreign key (org_id, target) references person (org_id, id) on delete restrict
) @strict @norowid;
create index comment_mentioned_target on comment_mentioned (org_id, target, record);

-- class: fact
create table comment_mentioned_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index comment_mentioned_history_key on comment_mentioned_history (org_id, record, target, valid_from);
