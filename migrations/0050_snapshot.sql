-- SPDX-License-Identifier: Apache-2.0
-- Frozen registers: every open risk with its fields and levels as they were when a round was closed.
-- The round's body holds the SHA-256 of its rows, and the log commits to that body.

-- class: fact
create table snapshot_risk (
    org_id @int not null,
    assessment @int not null,
    number @int not null,
    risk @int not null,
    properties @int not null,
    owner @int,
    analyst @int,
    method @int not null,
    inherent_likelihood @int,
    inherent_impact @int,
    inherent_score @int,
    current_likelihood @int,
    current_impact @int,
    current_score @int,
    residual_likelihood @int,
    residual_impact @int,
    residual_score @int,
    score @int,
    inherent_band text,
    current_band text,
    residual_band text,
    band text,
    title text not null,
    description text,
    threat text,
    vulnerability text,
    rationale text,
    existing_controls text,
    residual_reason text,
    review_on text,
    origin text,
    assets text,
    treatments text,
    primary key (org_id, assessment, number),
    foreign key (org_id, assessment) references assessment (org_id, id) on delete restrict
) @strict @norowid;

-- Number of risks per band of each kind of level ('weighs' = what the risk weighed).
-- class: fact
create table snapshot_count (
    org_id @int not null,
    assessment @int not null,
    kind text not null,
    band text not null,
    risks @int not null,
    primary key (org_id, assessment, kind, band),
    foreign key (org_id, assessment) references assessment (org_id, id) on delete restrict
) @strict @norowid;
