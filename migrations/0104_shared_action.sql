-- SPDX-License-Identifier: Apache-2.0
-- One action may carry out the treatments of several risks.

-- class: record
create table action_also (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references action (org_id, id) on delete cascade,
    foreign key (org_id, target) references treatment (org_id, id) on delete restrict
) @strict @norowid;
create index action_also_target on action_also (org_id, target, record);

-- class: fact
create table action_also_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index action_also_history_key on action_also_history (org_id, record, target, valid_from);
create index action_also_history_target on action_also_history (org_id, target, record);
