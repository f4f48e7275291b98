-- id: R098
-- clause: 8.3
-- severity: MIN
-- from: 12
-- param: month = 2 months ago; evidence of a monthly control is from then on
-- param: quarter = 4 months ago; of a quarterly one
-- param: half = 7 months ago; of one that is done twice a year
-- param: year = 13 months ago; of a yearly one, and where nothing else is said
-- param: two = 25 months ago; of one that is done every two years
-- title: Each control that is said to work has evidence that is recent enough
-- why: A report of three years ago shows that the control worked then. An auditor asks for the last time.
-- fix: Add new evidence on the page of the control | /controls?status=implemented
-- population
select count(*) from control k where k.org_id = $1 and k.status = 'implemented'
and coalesce(k.applicable, '') <> 'no'
-- offenders
select 'control' as kind, k.id as id,
  case when exists (select 1 from evidence_about l
      where l.org_id = k.org_id and l.target = k.id)
    then 'its evidence is older than its rhythm, or out of date' else 'has no evidence' end as because
from control k left join catalogue t on t.kind = 'controls' and t.code = k.code
where k.org_id = $1 and k.status = 'implemented' and coalesce(k.applicable, '') <> 'no'
and not exists (select 1 from evidence_about l
  join evidence e on e.org_id = l.org_id and e.id = l.record
  where l.org_id = k.org_id and l.target = k.id
    and (e.valid_until is null or e.valid_until >= $2)
    and (e.kind = 'note' or e.collected >= case t.data ->> 'cadence' when '1' then $4
      when '3' then $5 when '6' then $6 when '24' then $8 else $7 end))
