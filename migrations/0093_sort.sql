-- SPDX-License-Identifier: Apache-2.0
-- Columns of big registers that lists are sorted by: whoever looks at a column can order by it.
create index asset_by_type on asset (org_id, type, id);
create index asset_by_state on asset (org_id, state, id);
create index asset_by_classification on asset (org_id, classification, id);
create index task_by_status on task (org_id, status, id);
create index task_by_assignee on task (org_id, assignee, id);
create index action_by_status on action (org_id, status, id);
create index action_by_owner on action (org_id, owner, id);
create index action_by_budget on action (org_id, budget, id);
create index treatment_by_option on treatment (org_id, option, id);
create index treatment_by_state on treatment (org_id, state, id);
create index person_by_unit on person (org_id, unit, id);
create index person_by_state on person (org_id, state, id);
create index person_by_job on person (org_id, job, id);
create index comment_by_kind on comment (org_id, kind, id);
create index comment_by_state on comment (org_id, state, id);
create index comment_by_written on comment (org_id, written, id);
