-- id: R039
-- clause: 6.1.2 b
-- severity: OFI
-- from: 6
-- param: levels = 1; the likelihood may differ by this many levels
-- title: The same threat to the same kind of asset is judged alike
-- why: If one team calls a threat rare and another calls it frequent, one of them is mistaken or knows something that should be written down.
-- fix: Compare the scores, or write down why they differ | /risks
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open' and r.threat is not null
-- offenders
with judged as (select r.id as id, r.threat as threat_code, a.type as type_code, r.rationale as rationale,
    coalesce(r.current_likelihood, r.inherent_likelihood) as level
  from risk_assets l join risk r on r.org_id = l.org_id and r.id = l.record
  join asset a on a.org_id = l.org_id and a.id = l.target
  where l.org_id = $1 and r.state = 'open' and r.threat is not null
  and coalesce(r.current_likelihood, r.inherent_likelihood) is not null),
spread as (select j.threat_code as threat_code, j.type_code as type_code, min(j.level) as low, max(j.level) as high
  from judged j group by j.threat_code, j.type_code having max(j.level) - min(j.level) > $4)
select distinct 'risk' as kind, j.id as id,
  'likelihood ' || j.level || ', elsewhere from ' || s.low || ' to ' || s.high || ', and no reason is given' as because
from judged j join spread s on s.threat_code = j.threat_code and s.type_code = j.type_code
where j.rationale is null and (j.level = s.low or j.level = s.high)
