-- id: R057
-- clause: 6.1.3 d
-- severity: MIN
-- from: 8
-- param: stale = list stale-statements; statements in force that say other than the records
-- title: The statement in force says what holds today
-- why: When a decision or the reason for one changed after its approval, the statement describes yesterday. Progress with a control does not make it wrong.
-- fix: Make a new version and have it approved | /soa
-- population
select count(*) from soa s where s.org_id = $1 and s.state = 'approved'
-- offenders
select 'soa' as kind, s.id as id, 'decisions or reasons changed after its approval' as because
from soa s where s.org_id = $1 and s.state = 'approved'
and s.id in (select cast(value as bigint) from json_each($4))
