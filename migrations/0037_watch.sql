-- SPDX-License-Identifier: Apache-2.0
-- Records of which people want to hear although no field names them.

-- class: scratch
create table notice_watch (
    org_id @int not null,
    person @int not null,
    record @int not null,
    primary key (org_id, person, record)
) @strict @norowid;
create index notice_watch_record on notice_watch (org_id, record, person);

-- Of a record that changes often one notice is enough until it is read.
drop index notice_unread;
create index notice_unread on notice (org_id, person, record) where read_at = 0;
