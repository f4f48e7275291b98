-- SPDX-License-Identifier: Apache-2.0
-- What a hand-over of very many records gave to whom, so that it can be taken back: small ones keep it
-- in their own text. `target` is who has it now, or for a role the one that began; `until` the end
-- that a role had before. `undone`: 0 = not, 1 = taken back, 2 = somebody changed it since.

-- class: scratch
create table handover_item (
    org_id @int not null,
    handover @int not null,
    seq @int not null,
    kind text not null,
    field text not null,
    record @int not null,
    number @int not null,
    title text not null,
    target @int not null,
    until text,
    undone @int not null,
    primary key (org_id, handover, seq)
) @strict @norowid;
