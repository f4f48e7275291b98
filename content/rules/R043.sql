-- id: R043
-- clause: 6.1.2 c
-- severity: MIN
-- from: 6
-- param: value = 3; assets from this value on are looked at (3 = medium)
-- title: Every valuable asset is in a risk, or there is a reason why not
-- why: A gap here is usually forgotten work. If nothing relevant can happen to the asset, one sentence closes the gap.
-- fix: Add a risk, or say in the asset why there is none | /risks/suggestions
-- population
select count(*) from asset a where a.org_id = $1 and a.in_scope = 1 and a.state not in ('retired', 'disposed')
and coalesce(a.value, case when coalesce(a.c, 0) >= coalesce(a.i, 0) and coalesce(a.c, 0) >= coalesce(a.a, 0)
    then a.c when coalesce(a.i, 0) >= coalesce(a.a, 0) then a.i else a.a end) >= $4
-- offenders
select 'asset' as kind, a.id as id, 'in no risk, and no reason is given' as because
from asset a where a.org_id = $1 and a.in_scope = 1 and a.state not in ('retired', 'disposed') and a.no_risk_reason is null
and coalesce(a.value, case when coalesce(a.c, 0) >= coalesce(a.i, 0) and coalesce(a.c, 0) >= coalesce(a.a, 0)
    then a.c when coalesce(a.i, 0) >= coalesce(a.a, 0) then a.i else a.a end) >= $4
and a.id not in (select l.target from risk_assets l join risk r on r.org_id = l.org_id and r.id = l.record
    where l.org_id = $1 and r.state = 'open')
