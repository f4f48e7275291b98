-- id: R061
-- clause: 6.1.3 f
-- severity: MIN
-- from: 8
-- title: What remains of each treated risk is judged and not higher than before
-- why: A treatment is there to lower a risk. If the level stays the same, a sentence must say why the treatment is worth it.
-- fix: Score what remains | /risks?treated.min=1
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0
-- offenders
select 'risk' as kind, x.id as id,
  case when x.remains is null then 'what remains is not judged'
    when x.remains > x.before then 'what remains is higher than before'
    else 'what remains equals what was there before, and no reason is given' end as because
from (select r.id as id, r.residual_reason as reason,
    coalesce(r.residual_score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method and c.likelihood = r.residual_likelihood
    and c.impact = r.residual_impact)) as remains,
    coalesce(coalesce(r.inherent_score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method and c.likelihood = r.inherent_likelihood
    and c.impact = r.inherent_impact)), coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact)))) as before,
    (select count(*) from treatment k where k.org_id = r.org_id and k.risk = r.id
        and k.option = 'retain' and k.state <> 'cancelled' and k.justification is not null) as kept
  from risk r where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0) x
where x.remains is null or x.remains > x.before
or (x.remains = x.before and x.reason is null and x.kept = 0)
