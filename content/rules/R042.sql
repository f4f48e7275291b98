-- id: R042
-- clause: 6.1.2 c
-- severity: MIN
-- from: 6
-- escalate_at: 20
-- title: Each risk has an owner who works here
-- why: The owner decides about the risk and answers for it. A risk of nobody is watched by nobody.
-- fix: Name an owner for these risks | /risks?owner=none
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'risk' as kind, r.id as id, 'has no owner' as because
from risk r where r.org_id = $1 and r.owner is null and coalesce(r.state, '') = 'open'
union all
select 'risk' as kind, r.id as id, 'its owner has left' as because
from person p join risk r on r.org_id = p.org_id and r.owner = p.id
where p.org_id = $1 and p.state = 'leaver' and coalesce(r.state, '') = 'open'
