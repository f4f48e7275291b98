-- id: R030
-- clause: 5.3
-- severity: MIN
-- from: 4
-- title: Nobody who left still holds a role, a record or a task
-- why: What belongs to somebody who left belongs to nobody. It also shows an auditor that leavers are not handled.
-- fix: Give these to somebody else | /people?state=leaver
-- population
select count(*) from person p where p.org_id = $1 and p.state = 'leaver'
-- offenders
select 'role_holder' as kind, x.id as id, p.name || ' left but holds this role' as because
from person p join role_holder x on x.org_id = p.org_id and x.person = p.id
where p.org_id = $1 and p.state = 'leaver' and x.from_date <= $2 and (x.until is null or x.until >= $2)
union all
select 'risk' as kind, x.id as id, p.name || ' left but owns this risk' as because
from person p join risk x on x.org_id = p.org_id and x.owner = p.id
where p.org_id = $1 and p.state = 'leaver' and coalesce(x.state, '') = 'open'
union all
select 'asset' as kind, x.id as id, p.name || ' left but owns this asset' as because
from person p join asset x on x.org_id = p.org_id and x.owner = p.id
where p.org_id = $1 and p.state = 'leaver' and coalesce(x.state, '') not in ('retired', 'disposed')
union all
select 'control' as kind, x.id as id, p.name || ' left but owns this control' as because
from person p join control x on x.org_id = p.org_id and x.owner = p.id
where p.org_id = $1 and p.state = 'leaver'
union all
select 'requirement' as kind, x.id as id, p.name || ' left but owns this requirement' as because
from person p join requirement x on x.org_id = p.org_id and x.owner = p.id
where p.org_id = $1 and p.state = 'leaver'
union all
select 'action' as kind, x.id as id, p.name || ' left but has this task' as because
from person p join action x on x.org_id = p.org_id and x.owner = p.id
where p.org_id = $1 and p.state = 'leaver' and coalesce(x.status, '') in ('planned', 'in-progress')
union all
select 'task' as kind, x.id as id, p.name || ' left but has this task' as because
from person p join task x on x.org_id = p.org_id and x.assignee = p.id
where p.org_id = $1 and p.state = 'leaver' and x.status in ('open', 'waiting')
