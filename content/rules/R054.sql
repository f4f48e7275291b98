-- id: R054
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- title: Each included control says how far it is and how it works here
-- why: The statement must tell whether a control is in place. One or two sentences on how also help the next person who looks after it.
-- fix: Describe how the control works here | /soa?applicable=yes&show=undescribed
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
select 'control' as kind, k.id as id, 'not described' as because
from control k where k.org_id = $1 and k.how is null and (k.applicable = 'yes' or (k.applicable = 'open'
and (exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no')
  or exists (select 1 from treatment_controls l
    join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open'))))
