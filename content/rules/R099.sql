-- id: R099
-- clause: 8.3
-- severity: MIN
-- from: 10
-- title: Every included control has an owner
-- why: A control that nobody looks after stops working without a sound.
-- fix: Name an owner for these controls | /soa?applicable=yes&show=ownerless
-- population
select count(*) from control k where k.org_id = $1 and (k.applicable = 'yes' or (k.applicable = 'open'
and (exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no')
  or exists (select 1 from treatment_controls l
    join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open'))))
-- offenders
select 'control' as kind, k.id as id,
  case when k.owner is null then 'has no owner' else 'its owner has left' end as because
from control k left join person p on p.org_id = k.org_id and p.id = k.owner
where k.org_id = $1 and (k.owner is null or p.state = 'leaver') and (k.applicable = 'yes' or (k.applicable = 'open'
and (exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no')
  or exists (select 1 from treatment_controls l
    join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open'))))
