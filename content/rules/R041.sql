-- id: R041
-- clause: 6.1.2 c
-- severity: MIN
-- from: 6
-- title: Each risk says what would be lost
-- why: Loss of confidentiality, integrity or availability: each asks for other controls.
-- fix: Tick what would be lost | /risks
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'risk' as kind, r.id as id, 'neither confidentiality, integrity nor availability is named' as because
from risk r where r.org_id = $1 and r.state = 'open' and r.properties = 0
