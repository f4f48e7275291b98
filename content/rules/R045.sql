-- id: R045
-- clause: 6.1.2 d
-- severity: MIN
-- from: 6
-- title: Likelihood and impact of each risk are judged
-- why: Not judged is not low: such a risk is simply unknown.
-- fix: Score these risks | /risks?state=open&score=none
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'risk' as kind, r.id as id,
  case when coalesce(r.current_likelihood, r.inherent_likelihood) is null then 'likelihood is not judged'
       else 'impact is not judged' end as because
from risk r where r.org_id = $1 and r.score is null and coalesce(r.state, '') = 'open'
and (coalesce(r.current_likelihood, r.inherent_likelihood) is null
  or coalesce(r.current_impact, r.inherent_impact) is null)
