-- SPDX-License-Identifier: Apache-2.0
-- Reasons to assess again that wait, by day.
create index cause_state_since on cause (org_id, state, since, id);
