-- id: R155
-- clause: 8.2
-- severity: OFI
-- from: 12
-- title: No open risk rests on something that is out of use
-- why: A risk on a machine that was shredded hides the one on the machine that replaced it.
-- fix: Close these risks, or move them to what came after | /risks?state=open
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
and exists (select 1 from risk_assets l where l.org_id = r.org_id and l.record = r.id)
-- offenders
select 'risk' as kind, r.id as id, 'it names an asset that is out of use: A-' || min(a.number) as because
from risk r join risk_assets l on l.org_id = r.org_id and l.record = r.id
join asset a on a.org_id = l.org_id and a.id = l.target
where r.org_id = $1 and r.state = 'open' and a.state in ('retired', 'disposed')
group by r.id
