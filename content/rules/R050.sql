-- id: R050
-- clause: 6.1.3 c
-- severity: MAJ
-- from: 7
-- minimum: 93
-- title: All 93 controls of Annex A are decided
-- why: Comparing with the whole list is how the standard makes sure that no necessary control was overlooked.
-- fix: Decide the open controls | /controls?applicable=open
-- population
select count(*) from control k where k.org_id = $1 and k.origin = 'annex-a'
-- offenders
select 'control' as kind, k.id as id, 'not decided yet' as because
from control k where k.org_id = $1 and k.origin = 'annex-a' and k.applicable = 'open'
