-- SPDX-License-Identifier: Apache-2.0
-- What a notice asked for is not asked any more: withdrawn, decided by somebody else, done, moved.
-- It counts as read then, and the inbox says why. 0 = still asked.
alter table notice add column settled @int not null default 0;
create index notice_asking on notice (org_id, kind, person, record) where read_at = 0;
