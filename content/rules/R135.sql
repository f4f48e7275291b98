-- id: R135
-- clause: A.5.19
-- severity: MIN
-- from: 12
-- param: since = 12 months ago; an older assessment of a critical supplier does not count
-- param: critical = 3; suppliers from this criticality on are critical
-- title: Suppliers that reach your information are judged, and critical ones assessed every year
-- why: A supplier can lose your information without anybody here making a mistake. Who has not looked at it for years does not know how it stands.
-- fix: Judge or assess these suppliers | /suppliers
-- population
select count(*) from supplier s where s.org_id = $1 and s.state in ('active', 'ending')
and coalesce(s.access, 2) > 1
-- offenders
select 'supplier' as kind, s.id as id,
  case when s.criticality is null then 'nobody has judged how critical it is'
    when s.assessed is null then 'critical, and never assessed'
    else 'critical, and last assessed on ' || s.assessed end as because
from supplier s where s.org_id = $1 and s.state in ('active', 'ending') and coalesce(s.access, 2) > 1
and (s.criticality is null or (s.criticality >= $5 and (s.assessed is null or s.assessed < $4)))
