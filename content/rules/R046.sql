-- id: R046
-- clause: 6.1.2 e
-- severity: MIN
-- from: 6
-- title: Each risk has a level that is compared with the criteria
-- why: The level decides what comes first and what is above your acceptance level. It is looked up in the matrix of the method.
-- fix: Score these risks, so that they can be ranked | /risks/ranking
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'risk' as kind, r.id as id, 'has no level, so it is not ranked' as because
from risk r where r.org_id = $1 and r.score is null and coalesce(r.state, '') = 'open'
and coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact))) is null
