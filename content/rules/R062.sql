-- id: R062
-- clause: 6.1.3 f
-- severity: MIN
-- from: 8
-- title: What remains above the acceptance level is accepted by top management for a time, and what nobody may accept does not remain
-- why: Only those who answer for the whole organisation may carry more than the level they set, and not for ever. Some harm the risk method lets nobody accept: there the plan must reach further.
-- fix: Ask top management to accept it until a date | /approvals
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0
-- offenders
select 'risk' as kind, r.id as id, 'above the level, and not accepted for a time' as because
from risk r join method m on m.org_id = r.org_id and m.id = r.method
where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0
and coalesce(coalesce(r.residual_score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method and c.likelihood = r.residual_likelihood
    and c.impact = r.residual_impact)), coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact)))) > m.acceptance
and not exists (select 1 from decision d where d.org_id = r.org_id and d.subject = r.id
    and d.kind = 'risk.acceptance' and d.outcome = 'approved' and d.expires is not null
    and d.decided_at <= $3)
union all
select 'risk' as kind, r.id as id,
  case when r.residual_vetoed = 1 then 'an axis of its impact is at a level that nobody may accept, says the risk method'
    else 'what remains is above ' || m.never_above || ', which nobody may accept, says the risk method' end as because
from risk r join method m on m.org_id = r.org_id and m.id = r.method
where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, 0) > 0
and (r.residual_vetoed = 1 or coalesce(r.residual_score, r.score) > m.never_above)
