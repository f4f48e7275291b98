-- id: R052
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- title: Each included control has a reason
-- why: A risk it treats, a law or contract that asks for it, the baseline, or a business reason. A control without a reason is work that nobody needs.
-- fix: Link what the control is for | /controls?applicable=yes
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'yes'
-- offenders
select 'control' as kind, k.id as id, 'no risk, requirement, baseline or business reason' as because
from control k where k.org_id = $1 and k.applicable = 'yes' and k.baseline = 0 and k.business_reason is null
and not exists (select 1 from requirement_controls q where q.org_id = k.org_id and q.target = k.id)
and not exists (select 1 from treatment_controls l join treatment t on t.org_id = l.org_id and t.id = l.record
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled')
