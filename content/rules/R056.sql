-- id: R056
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- param: used = list used-controls; controls that the profile shows in use
-- title: No control is excluded that you visibly use or owe
-- why: Suppliers exist but the supplier control is excluded: an auditor sees such things in the first hour.
-- fix: Look at the exclusion again | /controls?applicable=no
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'no'
-- offenders
select 'control' as kind, k.id as id,
  case when k.code in (select value from json_each($4)) then coalesce(k.in_use_because, 'your profile or an own control shows that it is used')
       else 'a requirement asks for it' end as because
from control k where k.org_id = $1 and k.applicable = 'no'
and (k.code in (select value from json_each($4)) or exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no'))
