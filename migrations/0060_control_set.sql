-- SPDX-License-Identifier: Apache-2.0
-- Sets of controls from elsewhere, what their controls ask, and what a decision rested on.

-- class: record
create table controlset (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    source text,
    edition text,
    language text,
    reference text,
    purpose text not null,
    description text,
    terms text,
    owner @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict
) @strict;
create index controlset_title on controlset (org_id, title, id);
create index controlset_purpose on controlset (org_id, purpose, title, id);
create index controlset_owner on controlset (org_id, owner, title, id);

-- class: fact
create table controlset_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    source text,
    edition text,
    language text,
    reference text,
    purpose text,
    description text,
    terms text,
    owner @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index controlset_history_key on controlset_history (org_id, id, version);

alter table control add column controlset @int;
alter table control add column chapter text;
alter table control add column asks text;
alter table control add column decided_for text;
alter table control add column decided_by @int;
alter table control add column decided_on text;
alter table control_history add column controlset @int;
alter table control_history add column chapter text;
alter table control_history add column asks text;
alter table control_history add column decided_for text;
alter table control_history add column decided_by @int;
alter table control_history add column decided_on text;
create index control_controlset on control (org_id, controlset, position, id);
