-- id: R056
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- title: No control is excluded that you visibly use or owe
-- why: Suppliers exist but the supplier control is excluded: an auditor sees such things in the first hour.
-- fix: Look at the exclusion again | /controls?applicable=no
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'no'
-- offenders
select 'control' as kind, k.id as id,
  case when k.in_use = 1 then coalesce(k.in_use_because, 'your profile shows that it is used')
       else 'a requirement asks for it' end as because
from control k where k.org_id = $1 and k.applicable = 'no'
and (coalesce(k.in_use, 0) = 1 or exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no'))
