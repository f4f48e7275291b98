-- SPDX-License-Identifier: Apache-2.0
-- Records that a file which said it was the whole register did not name, as the import found it.
-- class: fact
create table import_missing (
    org_id @int not null,
    import @int not null,
    record @int not null,
    primary key (org_id, import, record)
) @strict @norowid;
