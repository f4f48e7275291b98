-- SPDX-License-Identifier: Apache-2.0
-- The count of what is not read is on every page: it is found in the index alone.
drop index notice_unread;
create index notice_unread on notice (org_id, person, record, read_at) where read_at = 0;
