-- SPDX-License-Identifier: Apache-2.0
-- Lists of units by the one above, and of roles by unit, are found by index like all others.
create index unit_parent on unit (org_id, parent, id);
create index role_holder_unit on role_holder (org_id, unit, id);
