-- SPDX-License-Identifier: Apache-2.0
-- The risk method with scales of its own, and what becomes of risks when a new version is approved.

alter table method add column impact_levels @int;
alter table method add column base @int;
alter table method add column never_above @int;
alter table method add column accept_months @int;
alter table method add column existing_rule text;
alter table method add column ranking text;
alter table method add column triggers @int not null default 0;
alter table method add column scales text;

alter table method_history add column impact_levels @int;
alter table method_history add column base @int;
alter table method_history add column never_above @int;
alter table method_history add column accept_months @int;
alter table method_history add column existing_rule text;
alter table method_history add column ranking text;
alter table method_history add column triggers @int;
alter table method_history add column scales text;

-- What a cell of an earlier version is in a version that was approved later: written at its
-- approval out of the map that was approved with it.
-- class: fact
create table method_moved (
    org_id @int not null,
    target @int not null,
    method @int not null,
    likelihood @int not null,
    impact @int not null,
    new_likelihood @int not null,
    new_impact @int not null,
    primary key (org_id, target, method, likelihood, impact),
    foreign key (org_id, target) references method (org_id, id) on delete restrict
) @strict;

-- Risks of one version, for moving them.
create index risk_method on risk (org_id, method, id);
