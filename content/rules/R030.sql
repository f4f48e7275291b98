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
from role_holder x join person p on p.org_id = x.org_id and p.id = x.person
where x.org_id = $1 and p.state = 'leaver' and x.from_date <= $2 and (x.until is null or x.until >= $2)
union all
select 'risk' as kind, x.id as id, p.name || ' left but owns this risk' as because
from risk x join person p on p.org_id = x.org_id and p.id = x.owner
where x.org_id = $1 and p.state = 'leaver' and x.state = 'open'
union all
select 'asset' as kind, x.id as id, p.name || ' left but owns this asset' as because
from asset x join person p on p.org_id = x.org_id and p.id = x.owner
where x.org_id = $1 and p.state = 'leaver' and x.state <> 'retired'
union all
select 'control' as kind, x.id as id, p.name || ' left but owns this control' as because
from control x join person p on p.org_id = x.org_id and p.id = x.owner
where x.org_id = $1 and p.state = 'leaver'
union all
select 'requirement' as kind, x.id as id, p.name || ' left but owns this requirement' as because
from requirement x join person p on p.org_id = x.org_id and p.id = x.owner
where x.org_id = $1 and p.state = 'leaver'
union all
select 'action' as kind, x.id as id, p.name || ' left but has this task' as because
from action x join person p on p.org_id = x.org_id and p.id = x.owner
where x.org_id = $1 and p.state = 'leaver' and x.status in ('planned', 'in-progress')
