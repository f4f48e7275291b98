-- SPDX-License-Identifier: Apache-2.0
-- What risks may cost in a year: the numbers somebody estimated, and what simulation makes of them.

-- class: record
create table estimate (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    risk @int not null,
    estimator @int,
    tries_least @int,
    tries_likely @int,
    tries_most @int,
    success_least @int,
    success_likely @int,
    success_most @int,
    shape text not null,
    loss_least @int,
    loss_likely @int,
    loss_most @int,
    follow_chance @int,
    follow_least @int,
    follow_most @int,
    compared @int not null,
    after_tries_least @int,
    after_tries_likely @int,
    after_tries_most @int,
    after_success_least @int,
    after_success_likely @int,
    after_success_most @int,
    after_loss_least @int,
    after_loss_likely @int,
    after_loss_most @int,
    yearly_cost @int,
    rationale text not null,
    trials text not null,
    seed @int not null,
    mean @int,
    any_chance @int,
    p95 @int,
    after_mean @int,
    worth @int,
    primary key (org_id, id),
    unique (org_id, number),
    foreign key (org_id, risk) references risk (org_id, id) on delete restrict,
    foreign key (org_id, estimator) references person (org_id, id) on delete restrict
) @strict;
create unique index estimate_risk on estimate (org_id, risk, id);
create index estimate_title on estimate (org_id, title, id);
create index estimate_mean on estimate (org_id, mean, id);
create index estimate_worth on estimate (org_id, worth, id);
create index estimate_estimator on estimate (org_id, estimator, id);

-- class: fact
create table estimate_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    risk @int,
    estimator @int,
    tries_least @int,
    tries_likely @int,
    tries_most @int,
    success_least @int,
    success_likely @int,
    success_most @int,
    shape text,
    loss_least @int,
    loss_likely @int,
    loss_most @int,
    follow_chance @int,
    follow_least @int,
    follow_most @int,
    compared @int,
    after_tries_least @int,
    after_tries_likely @int,
    after_tries_most @int,
    after_success_least @int,
    after_success_likely @int,
    after_success_most @int,
    after_loss_least @int,
    after_loss_likely @int,
    after_loss_most @int,
    yearly_cost @int,
    rationale text,
    trials text,
    seed @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index estimate_history_key on estimate_history (org_id, id, version);

-- How likely a year may be that costs more than so much: the curve that management can live with.
-- class: record
create table tolerance (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text not null,
    loss @int not null,
    chance @int not null,
    primary key (org_id, id),
    unique (org_id, number)
) @strict;
create index tolerance_loss on tolerance (org_id, loss, id);
create index tolerance_title on tolerance (org_id, title, id);

-- class: fact
create table tolerance_history (
    org_id @int not null,
    id @int not null,
    number @int not null,
    version @int not null,
    title text,
    loss @int,
    chance @int,
    valid_from @int not null,
    valid_to @int not null,
    log_idx @int not null,
    salt @blob
) @strict;
create unique index tolerance_history_key on tolerance_history (org_id, id, version);
