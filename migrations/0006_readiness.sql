-- SPDX-License-Identifier: Apache-2.0
-- Steps of the guide that an organisation has reached, and since when. A step never goes back, so
-- deleting records never raises the readiness figure. The memory of "all earlier steps were done":
-- the rest is read from history, so losing this table loses little, and it is no evidence.

-- class: scratch
create table step_reached (
    org_id @int not null,
    step @int not null,
    at @int not null,
    primary key (org_id, step)
) @strict @norowid;
