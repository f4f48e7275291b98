-- SPDX-License-Identifier: Apache-2.0
-- When the plan of a risk last changed is asked of the history of its actions.
create index action_history_treatment on action_history (org_id, treatment, id, version);
