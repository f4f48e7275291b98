-- SPDX-License-Identifier: Apache-2.0
-- Saved views of lists, and changes of many records in one step.

-- A list as somebody wants to see it again: the parameters of its address.
-- class: scratch
create table saved_view (
    org_id @int not null,
    id @int not null,
    kind text not null,
    person @int not null,
    title text not null,
    query text not null,
    shared @int not null,
    created @int not null,
    changed @int not null,
    primary key (org_id, id)
) @strict;
create index saved_view_kind on saved_view (org_id, kind, id);

-- The view with which a list opens; person 0 = everybody who has not chosen one.
-- class: scratch
create table view_default (
    org_id @int not null,
    kind text not null,
    person @int not null,
    view @int not null,
    primary key (org_id, kind, person)
) @strict @norowid;
create index view_default_view on view_default (org_id, view);

-- One change of many records, from its preview on. The changes themselves are in the log, record by
-- record; this only remembers what belongs together, so that it can be undone together.
-- class: scratch
create table bulk_step (
    org_id @int not null,
    id @int not null,
    kind text not null,
    action text not null,
    state text not null,
    person @int not null,
    account @int not null,
    who text not null,
    reason text,
    changes text not null,
    told text not null,
    total @int not null,
    created @int not null,
    started @int,
    finished @int,
    primary key (org_id, id)
) @strict;
create index bulk_step_kind on bulk_step (org_id, kind, id);
create index bulk_step_created on bulk_step (org_id, created);

-- Each record of a step: its versions before and after, and what became of it.
-- class: scratch
create table bulk_item (
    org_id @int not null,
    step @int not null,
    position @int not null,
    record @int not null,
    before @int not null,
    after @int not null,
    outcome text not null,
    why text,
    primary key (org_id, step, position)
) @strict @norowid;
create index bulk_item_outcome on bulk_item (org_id, step, outcome, position);
