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
select distinct 'risk' as kind, x.id as id,
  'likelihood ' || x.level || ', elsewhere from ' || x.low || ' to ' || x.high || ', and no reason is given' as because
from (select r.id as id, r.rationale as rationale,
    coalesce(r.current_likelihood, r.inherent_likelihood) as level,
    min(coalesce(r.current_likelihood, r.inherent_likelihood)) over (partition by r.threat, a.type) as low,
    max(coalesce(r.current_likelihood, r.inherent_likelihood)) over (partition by r.threat, a.type) as high
  from risk r join risk_assets l on l.org_id = r.org_id and l.record = r.id
  join asset a on a.org_id = l.org_id and a.id = l.target
  where r.org_id = $1 and r.state = 'open' and r.threat is not null
  and coalesce(r.current_likelihood, r.inherent_likelihood) is not null) x
where x.high - x.low > $4 and x.rationale is null and (x.level = x.low or x.level = x.high)
