-- id: R152
-- clause: 6.1.3 d
-- severity: MIN
-- from: 8
-- title: The status of controls fits the treatment plan
-- why: A control that is said to be in place while its actions are open, or a treatment that counts as done while its control is not in place: one of the two is wrong, and an auditor compares them.
-- fix: Correct the status, or the plan | /soa?theme=all&show=doubts
-- population
select count(*) from control k where k.org_id = $1 and k.applicable <> 'no'
and (exists (select 1 from treatment_controls l where l.org_id = k.org_id and l.target = k.id)
  or exists (select 1 from action a where a.org_id = k.org_id and a.control = k.id))
-- offenders
select 'control' as kind, k.id as id, 'said to be in place while its actions are open' as because
from control k where k.org_id = $1 and k.applicable <> 'no' and k.status = 'implemented'
and exists (select 1 from action a where a.org_id = k.org_id and a.control = k.id
    and a.status not in ('done', 'cancelled') and exists (select 1 from treatment t
      where t.org_id = a.org_id and t.state <> 'cancelled' and (t.id = a.treatment or t.id in
        (select l.target from action_also l where l.org_id = a.org_id and l.record = a.id))))
union all
select 'control' as kind, k.id as id, 'its treatment counts as done, but it is not in place' as because
from control k where k.org_id = $1 and k.applicable <> 'no' and k.status in ('not-started', 'planned')
and exists (select 1 from treatment_controls l join treatment t on t.org_id = l.org_id and t.id = l.record
    where l.org_id = k.org_id and l.target = k.id and t.state = 'done')
