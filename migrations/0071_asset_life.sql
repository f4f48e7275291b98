-- SPDX-License-Identifier: Apache-2.0
-- Assets: who provides them, where they are, what their personal data are for, their life from plan to
-- disposal, and the confirmation of their entries.

-- class: record
create table asset_suppliers (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references asset (org_id, id) on delete cascade,
    foreign key (org_id, target) references supplier (org_id, id) on delete restrict
) @strict @norowid;
create index asset_suppliers_target on asset_suppliers (org_id, target, record);

-- class: fact
create table asset_suppliers_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index asset_suppliers_history_key on asset_suppliers_history (org_id, record, target, valid_from);

alter table asset add column place @int;
alter table asset add column purpose text;
alter table asset add column legal_basis text;
alter table asset add column data_subjects text;
alter table asset add column data_kinds text;
alter table asset add column data_class text;
alter table asset add column kept_for text;
alter table asset add column in_use_from text;
alter table asset add column end_planned text;
alter table asset add column retired_on text;
alter table asset add column disposed_on text;
alter table asset add column disposal text;
alter table asset add column disposed_by text;
alter table asset add column disposal_proof text;
alter table asset add column review_months @int;
alter table asset add column review_due text;
alter table asset add column reviewed_by @int;
alter table asset add column reviewed_on text;
alter table asset_history add column place @int;
alter table asset_history add column purpose text;
alter table asset_history add column legal_basis text;
alter table asset_history add column data_subjects text;
alter table asset_history add column data_kinds text;
alter table asset_history add column data_class text;
alter table asset_history add column kept_for text;
alter table asset_history add column in_use_from text;
alter table asset_history add column end_planned text;
alter table asset_history add column retired_on text;
alter table asset_history add column disposed_on text;
alter table asset_history add column disposal text;
alter table asset_history add column disposed_by text;
alter table asset_history add column disposal_proof text;
alter table asset_history add column review_months @int;
alter table asset_history add column review_due text;
alter table asset_history add column reviewed_by @int;
alter table asset_history add column reviewed_on text;
create index asset_place_name on asset (org_id, place, name, id);
create index asset_end_planned on asset (org_id, end_planned, id);
create index asset_review_due on asset (org_id, review_due, id);
create index asset_reviewed_by on asset (org_id, reviewed_by, id);
