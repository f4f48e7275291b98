-- id: R052
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- param: wanted = list wanted-controls; controls that an answer of the profile asks for
-- param: used = list used-controls; controls that the profile shows in use
-- title: Each included control has a reason
-- why: A risk it treats, a law or contract that asks for it, the baseline, or a fact about the business. A control without a reason is work that nobody needs.
-- fix: Link what the control is for | /soa?show=reasonless
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
select 'control' as kind, k.id as id, 'no risk, requirement, baseline or business reason' as because
from control k where k.org_id = $1 and k.applicable = 'yes' and k.baseline = 0 and k.business_reason is null
and k.code not in (select value from json_each($4)) and k.code not in (select value from json_each($5))
and not exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no')
and not exists (select 1 from treatment_controls l
    join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open')
