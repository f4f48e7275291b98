-- SPDX-License-Identifier: Apache-2.0
-- Second scores: a risk scored again by somebody who does not see the first score. A draw chooses
-- the risks by seed and share, so that it can be repeated.

-- class: record
create table rating (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    assessment @int not null,
    risk @int not null,
    assessor @int not null,
    state text not null,
    method @int not null,
    likelihood @int,
    impact @int,
    rationale text,
    first_likelihood @int,
    first_impact @int,
    first_rationale text,
    first_analyst @int,
    apart @int,
    agreed_likelihood @int,
    agreed_impact @int,
    agreed_note text,
    seed text not null,
    percent @int not null,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, assessment) references assessment (org_id, id) on delete restrict,
    foreign key (org_id, risk) references risk (org_id, id) on delete restrict,
    foreign key (org_id, assessor) references person (org_id, id) on delete restrict,
    foreign key (org_id, method) references method (org_id, id) on delete restrict,
    foreign key (org_id, first_analyst) references person (org_id, id) on delete restrict
) @strict;
create index rating_assessment on rating (org_id, assessment, state, id);
create index rating_risk on rating (org_id, risk, id);
create index rating_assessor on rating (org_id, assessor, state, risk);
create index rating_state on rating (org_id, state, id);
create index rating_apart on rating (org_id, apart, id);

-- class: fact
create table rating_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    assessment @int,
    risk @int,
    assessor @int,
    state text,
    method @int,
    likelihood @int,
    impact @int,
    rationale text,
    first_likelihood @int,
    first_impact @int,
    first_rationale text,
    first_analyst @int,
    apart @int,
    agreed_likelihood @int,
    agreed_impact @int,
    agreed_note text,
    seed text,
    percent @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index rating_history_key on rating_history (org_id, id, version);
