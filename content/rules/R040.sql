-- id: R040
-- clause: 6.1.2 c
-- severity: MAJ
-- from: 6
-- minimum: 1
-- title: Risks are identified
-- why: The whole standard rests on knowing what could go wrong. An empty register means that the assessment did not take place.
-- fix: Look through the suggested risks | /risks/suggestions
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'asset' as kind, a.id as id, 'nothing that could happen to it is recorded' as because
from asset a where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.in_scope = 1
and not exists (select 1 from risk r where r.org_id = $1 and r.state = 'open')
