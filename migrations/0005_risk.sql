-- SPDX-License-Identifier: Apache-2.0
-- Risk method, risks, treatments, actions, assessments, Statement of Applicability.

-- class: record
create table method (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    state text not null,
    acceptance @int not null,
    levels @int not null,
    impact_rule text not null,
    review_months @int not null,
    acceptance_rule text,
    author @int,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;

-- class: fact
create table method_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    state text,
    acceptance @int,
    levels @int,
    impact_rule text,
    review_months @int,
    acceptance_rule text,
    author @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index method_history_key on method_history (org_id, id, version);

-- Levels, cells and bands of a method version: written with it, never changed.
-- class: fact
create table method_level (
    org_id @int not null,
    method @int not null,
    axis text not null,
    level @int not null,
    label text not null,
    descriptor text not null,
    primary key (org_id, method, axis, level),
    foreign key (org_id, method) references method (org_id, id) on delete restrict
) @strict;

-- class: fact
create table method_cell (
    org_id @int not null,
    method @int not null,
    likelihood @int not null,
    impact @int not null,
    score @int not null,
    band text not null,
    primary key (org_id, method, likelihood, impact),
    foreign key (org_id, method) references method (org_id, id) on delete restrict
) @strict;

-- class: fact
create table method_band (
    org_id @int not null,
    method @int not null,
    band text not null,
    position @int not null,
    label text not null,
    tone text not null,
    meaning text not null,
    action text not null,
    primary key (org_id, method, band),
    foreign key (org_id, method) references method (org_id, id) on delete restrict
) @strict;

-- class: record
create table assessment (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    method @int not null,
    state text not null,
    started text not null,
    closed text,
    scope text,
    summary text,
    author @int,
    body text,
    body_hash text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, method) references method (org_id, id) on delete restrict,
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;

-- class: fact
create table assessment_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    method @int,
    state text,
    started text,
    closed text,
    scope text,
    summary text,
    author @int,
    body text,
    body_hash text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index assessment_history_key on assessment_history (org_id, id, version);

-- class: record
create table assessment_participants (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references assessment (org_id, id) on delete cascade,
    foreign key (org_id, target) references person (org_id, id) on delete restrict
) @strict @norowid;
create index assessment_participants_target on assessment_participants (org_id, target, record);

-- class: fact
create table assessment_participants_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index assessment_participants_history_key on assessment_participants_history (org_id, record, target, valid_from);

-- class: record
create table risk (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    description text,
    threat text,
    vulnerability text,
    properties @int not null default 0,
    owner @int,
    analyst @int,
    method @int not null,
    state text not null,
    inherent_likelihood @int,
    inherent_impact @int,
    current_likelihood @int,
    current_impact @int,
    residual_likelihood @int,
    residual_impact @int,
    rationale text,
    existing_controls text,
    residual_reason text,
    review_on text,
    origin text not null,
    seed text,
    -- derived
    inherent_score @int,
    inherent_band text,
    current_score @int,
    current_band text,
    residual_score @int,
    residual_band text,
    score @int,
    band text,
    treated @int not null default 0,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, owner) references person (org_id, id) on delete restrict,
    foreign key (org_id, analyst) references person (org_id, id) on delete restrict,
    foreign key (org_id, method) references method (org_id, id) on delete restrict
) @strict;
create index risk_title on risk (org_id, title, id);
create index risk_owner on risk (org_id, owner, id);
create index risk_threat on risk (org_id, threat, id);
create index risk_state on risk (org_id, state, id);
create index risk_review_on on risk (org_id, review_on, id);
create index risk_current_likelihood on risk (org_id, current_likelihood, id);
create index risk_current_impact on risk (org_id, current_impact, id);
create index risk_seed on risk (org_id, seed, id);

-- class: fact
create table risk_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    description text,
    threat text,
    vulnerability text,
    properties @int,
    owner @int,
    analyst @int,
    method @int,
    state text,
    inherent_likelihood @int,
    inherent_impact @int,
    current_likelihood @int,
    current_impact @int,
    residual_likelihood @int,
    residual_impact @int,
    rationale text,
    existing_controls text,
    residual_reason text,
    review_on text,
    origin text,
    seed text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index risk_history_key on risk_history (org_id, id, version);

-- class: record
create table risk_assets (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references risk (org_id, id) on delete cascade,
    foreign key (org_id, target) references asset (org_id, id) on delete restrict
) @strict @norowid;
create index risk_assets_target on risk_assets (org_id, target, record);

-- class: fact
create table risk_assets_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index risk_assets_history_key on risk_assets_history (org_id, record, target, valid_from);

create index risk_inherent_score on risk (org_id, inherent_score, id);
create index risk_current_score on risk (org_id, current_score, id);
create index risk_residual_score on risk (org_id, residual_score, id);
create index risk_score on risk (org_id, score, id);
create index risk_owner_score on risk (org_id, owner, score, id);
create index risk_band_score on risk (org_id, band, score, id);
create index risk_state_score on risk (org_id, state, score, id);
create index risk_cell on risk (org_id, state, current_likelihood, current_impact, score, id);
create index risk_current_cell on risk (org_id, current_likelihood, current_impact, score, id);
create index risk_treated_score on risk (org_id, treated, score, id);
create index risk_inherent_cell on risk (org_id, state, inherent_likelihood, inherent_impact, id);
create index risk_residual_cell on risk (org_id, state, residual_likelihood, residual_impact, id);
create index risk_threat_score on risk (org_id, threat, score, id);

-- class: record
create table treatment (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    risk @int not null,
    option text not null,
    description text,
    expected_likelihood @int,
    expected_impact @int,
    counterparty text,
    contract text,
    share_covered text,
    remaining text,
    activity text,
    ended_on text,
    justification text,
    expires text,
    monitoring text,
    state text not null,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, risk) references risk (org_id, id) on delete restrict
) @strict;
create index treatment_risk on treatment (org_id, risk, id);
create index treatment_title on treatment (org_id, title, id);
create index treatment_option_title on treatment (org_id, option, title, id);
create index treatment_state_title on treatment (org_id, state, title, id);

-- class: fact
create table treatment_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    risk @int,
    option text,
    description text,
    expected_likelihood @int,
    expected_impact @int,
    counterparty text,
    contract text,
    share_covered text,
    remaining text,
    activity text,
    ended_on text,
    justification text,
    expires text,
    monitoring text,
    state text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index treatment_history_key on treatment_history (org_id, id, version);
create index treatment_history_risk on treatment_history (org_id, risk, valid_from);

-- class: record
create table treatment_controls (
    org_id @int not null,
    record @int not null,
    target @int not null,
    primary key (org_id, record, target),
    foreign key (org_id, record) references treatment (org_id, id) on delete cascade,
    foreign key (org_id, target) references control (org_id, id) on delete restrict
) @strict @norowid;
create index treatment_controls_target on treatment_controls (org_id, target, record);

-- class: fact
create table treatment_controls_history (
    org_id @int not null,
    record @int not null,
    target @int not null,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null
) @strict;
create unique index treatment_controls_history_key on treatment_controls_history (org_id, record, target, valid_from);

-- class: record
create table action (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    treatment @int not null,
    control @int,
    owner @int,
    start text,
    due text,
    resources text,
    budget @int,
    priority text not null,
    status text not null,
    progress @int not null default 0,
    evidence text,
    verifier @int,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, treatment) references treatment (org_id, id) on delete restrict,
    foreign key (org_id, control) references control (org_id, id) on delete restrict,
    foreign key (org_id, owner) references person (org_id, id) on delete restrict,
    foreign key (org_id, verifier) references person (org_id, id) on delete restrict
) @strict;
create index action_title on action (org_id, title, id);
create index action_treatment on action (org_id, treatment, id);
create index action_owner_due on action (org_id, owner, due, id);
create index action_due on action (org_id, due, id);
create index action_status_due on action (org_id, status, due, id);
create index action_control on action (org_id, control, id);
create index action_priority on action (org_id, priority, id);

-- class: fact
create table action_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    treatment @int,
    control @int,
    owner @int,
    start text,
    due text,
    resources text,
    budget @int,
    priority text,
    status text,
    progress @int,
    evidence text,
    verifier @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index action_history_key on action_history (org_id, id, version);

-- Frozen versions of the Statement of Applicability; the draft is the live control table.
-- class: record
create table soa (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    state text not null,
    body text not null,
    body_hash text not null,
    author @int,
    applicable @int not null,
    excluded @int not null,
    implemented @int not null,
    note text,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, author) references person (org_id, id) on delete restrict
) @strict;

-- class: fact
create table soa_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    state text,
    body text,
    body_hash text,
    author @int,
    applicable @int,
    excluded @int,
    implemented @int,
    note text,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index soa_history_key on soa_history (org_id, id, version);

