-- id: R059
-- clause: 6.1.3 e
-- severity: MAJ
-- from: 8
-- minimum: 1
-- title: The treatment plan names people, dates and means
-- why: A decision without a person, a date and means stays a wish.
-- fix: Complete the plan | /plan
-- population
select (select count(*) from action n where n.org_id = $1 and n.status <> 'cancelled')
 + (select count(*) from treatment t where t.org_id = $1 and t.state <> 'cancelled')
-- offenders
select 'action' as kind, n.id as id,
  case when n.owner is null then 'nobody is to do it' when n.due is null then 'no due date'
    else 'the means are missing' end as because
from action n where n.org_id = $1 and n.status <> 'cancelled'
and (n.owner is null or n.due is null or (n.resources is null and n.budget is null))
union all
select 'treatment' as kind, t.id as id, 'no action carries it out' as because
from treatment t
where t.org_id = $1 and t.option = 'modify' and t.state in ('planned', 'in-progress')
and t.id not in (select n.treatment from action n where n.org_id = $1 and n.status <> 'cancelled'
  union all select l.target from action_also l join action n on n.org_id = l.org_id and n.id = l.record
  where l.org_id = $1 and n.status <> 'cancelled')
and t.risk in (select r.id from risk r where r.org_id = $1 and r.state = 'open')
