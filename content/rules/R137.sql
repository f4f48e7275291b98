-- id: R137
-- clause: A.5.23
-- severity: MIN
-- from: 12
-- title: For each cloud service it is clear who does what, where the data are, and how to leave
-- why: Most incidents in a cloud happen where each side believed that the other one looked after it.
-- fix: Complete these suppliers | /suppliers?kind=cloud
-- population
select count(*) from supplier s where s.org_id = $1 and s.kind = 'cloud' and s.state in ('active', 'ending')
-- offenders
select 'supplier' as kind, s.id as id,
  case when s.duties is null then 'not said who does what'
    when s.data_places is null then 'not said where the data are'
    else 'there is no way out' end as because
from supplier s where s.org_id = $1 and s.kind = 'cloud' and s.state in ('active', 'ending')
and (s.duties is null or s.data_places is null or s.exit_plan is null)
