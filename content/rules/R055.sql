-- id: R055
-- clause: 6.1.3 d
-- severity: MAJ
-- from: 7
-- title: No control is excluded that a treatment relies on
-- why: You cannot lower a risk with a control that you declare needless. One of the two is wrong.
-- fix: Include the control, or change the treatment | /controls?applicable=no
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'no'
-- offenders
select 'control' as kind, k.id as id, 'used by a treatment' as because
from control k where k.org_id = $1 and k.applicable = 'no'
and exists (select 1 from treatment_controls l join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open')
