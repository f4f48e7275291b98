-- id: R063
-- clause: 6.1.3 f
-- severity: MIN
-- from: 12
-- title: No acceptance has run out
-- why: An acceptance for a time is a promise to look again. When the day has passed, nobody carries the risk knowingly any more.
-- fix: Renew it, or treat the risk | /approvals
-- population
select (select count(*) from decision d where d.org_id = $1 and d.kind = 'risk.acceptance'
    and d.outcome = 'approved' and d.expires is not null and d.decided_at <= $3)
 + (select count(*) from treatment t where t.org_id = $1 and t.option = 'retain'
    and t.state <> 'cancelled' and t.expires is not null)
-- offenders
select 'risk' as kind, r.id as id, 'accepted until ' || d.expires as because
from risk r join method m on m.org_id = r.org_id and m.id = r.method
join decision d on d.org_id = r.org_id and d.subject = r.id and d.kind = 'risk.acceptance'
  and d.outcome = 'approved' and d.decided_at <= $3
where r.org_id = $1 and r.state = 'open' and d.expires < $2
and coalesce(coalesce(r.residual_score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method and c.likelihood = r.residual_likelihood
    and c.impact = r.residual_impact)), coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact)))) > m.acceptance
and not exists (select 1 from decision n where n.org_id = d.org_id and n.subject = d.subject
    and n.kind = d.kind and n.outcome = 'approved' and n.decided_at <= $3
    and n.decided_at > d.decided_at)
union all
select 'treatment' as kind, t.id as id, 'retained until ' || t.expires as because
from treatment t join risk k on k.org_id = t.org_id and k.id = t.risk
where t.org_id = $1 and t.option = 'retain' and t.state <> 'cancelled' and t.expires < $2
and k.state = 'open'
