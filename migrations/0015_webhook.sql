-- SPDX-License-Identifier: Apache-2.0
-- Telling other programs. The signing secret is derived from a key in the data directory and is not
-- stored; `fingerprint` tells whether it still belongs to this key and this address.

-- class: record
create table webhook (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    url text not null,
    actions @int not null default 0,
    kinds text,
    state text not null,
    off_reason text,
    owner @int,
    generation @int not null default 0,
    fingerprint text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index webhook_title on webhook (org_id, title, id);

-- class: fact
create table webhook_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    url text,
    actions @int,
    kinds text,
    state text,
    off_reason text,
    owner @int,
    generation @int,
    fingerprint text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index webhook_history_key on webhook_history (org_id, id, version);

-- What is to be sent to one webhook, in order. States: waiting, sent, failed (given up), skipped (the
-- webhook was switched off). Kept for 90 days.
-- class: scratch
create table webhook_delivery (
    org_id @int not null,
    id @int not null,
    webhook @int not null,
    event text not null,
    cause text not null,
    body text not null,
    state text not null,
    attempts @int not null,
    at @int not null,
    next_at @int not null,
    set_at @int not null,
    primary key (org_id, id)
) @strict;
create unique index webhook_delivery_once on webhook_delivery (org_id, webhook, cause);
create index webhook_delivery_of on webhook_delivery (org_id, webhook, id);
create index webhook_delivery_due on webhook_delivery (next_at, org_id, webhook)
    where state = 'waiting';

-- One row for each try: what the other side answered. Rows are only added, and go with their
-- delivery.
-- class: scratch
create table webhook_attempt (
    org_id @int not null,
    id @int not null,
    webhook @int not null,
    delivery @int not null,
    at @int not null,
    took @int not null,
    status @int not null,
    answer text not null,
    primary key (org_id, id)
) @strict;
create index webhook_attempt_of on webhook_attempt (org_id, delivery, id);

-- How a webhook is doing: tries in a row that failed, and since when.
-- class: scratch
create table webhook_health (
    org_id @int not null,
    webhook @int not null,
    failures @int not null,
    since @int not null,
    primary key (org_id, webhook)
) @strict @norowid;
