-- id: R155
-- clause: 8.2
-- severity: OFI
-- from: 12
-- title: No open risk rests on something that is out of use
-- why: A risk on a machine that was shredded hides the one on the machine that replaced it. A risk of what is out of use itself stays: what lies about until it is disposed of, or what was recorded after it went out of use.
-- fix: Close these risks, or move them to what came after | /risks?state=open
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
and exists (select 1 from risk_assets l where l.org_id = r.org_id and l.record = r.id)
-- offenders
select 'risk' as kind, r.id as id, 'it names an asset that is out of use: A-' || min(a.number) as because
from risk r join risk_assets l on l.org_id = r.org_id and l.record = r.id
join asset a on a.org_id = l.org_id and a.id = l.target
where r.org_id = $1 and r.state = 'open' and a.state in ('retired', 'disposed')
and not (a.state = 'retired' and (a.type = 'retired-equipment' or coalesce(r.threat, '') = 'discarded-data'
  or coalesce(r.vulnerability, '') = 'unsafe-disposal'))
and not coalesce((select min(h.valid_from) from risk_history h where h.org_id = r.org_id
    and h.id = r.id) > (select min(x.valid_from) from asset_history x where x.org_id = a.org_id
    and x.id = a.id and x.state in ('retired', 'disposed')), 1 = 0)
group by r.id
