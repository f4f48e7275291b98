-- SPDX-License-Identifier: Apache-2.0
-- An impact judged along the axes of the risk method: "c=2,a=4" in the order of the axes. The impact
-- beside it follows from it by the rule of the method.

-- The axes of a version, in their order: written with its levels. Versions of before have none here;
-- theirs are read out of their scales.
-- class: fact
create table method_axis (
    org_id @int not null,
    method @int not null,
    axis text not null,
    position @int not null,
    label text not null,
    weight @int not null,
    never @int not null,
    primary key (org_id, method, axis),
    foreign key (org_id, method) references method (org_id, id) on delete restrict
) @strict;

alter table risk add column inherent_axes text;
alter table risk add column current_axes text;
alter table risk add column residual_axes text;
-- derived: an axis of what weighs now, and of what remains, is at a level that nobody may accept
alter table risk add column vetoed @int not null default 0;
alter table risk add column residual_vetoed @int not null default 0;
-- without the score, so that a new matrix does not write it again
create index risk_vetoed on risk (org_id, vetoed, id);

alter table risk_history add column inherent_axes text;
alter table risk_history add column current_axes text;
alter table risk_history add column residual_axes text;

alter table treatment add column expected_axes text;
alter table treatment_history add column expected_axes text;

alter table snapshot_risk add column inherent_axes text;
alter table snapshot_risk add column current_axes text;
alter table snapshot_risk add column residual_axes text;
