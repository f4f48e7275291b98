-- id: R050
-- clause: 6.1.3 c
-- severity: MAJ
-- from: 7
-- minimum: 93
-- title: All 93 controls of Annex A are decided
-- why: Comparing with the whole list is how the standard makes sure that no necessary control was overlooked. A control that a treatment or a requirement uses is decided by that: it is needed.
-- fix: Decide the open controls | /soa?show=undecided
-- population
select count(*) from control k where k.org_id = $1 and k.origin = 'annex-a'
-- offenders
select 'control' as kind, k.id as id, 'not decided yet' as because
from control k where k.org_id = $1 and k.origin = 'annex-a' and k.applicable = 'open'
and not exists (select 1 from requirement_controls l
    join requirement q on q.org_id = l.org_id and q.id = l.record
    where l.org_id = k.org_id and l.target = k.id and q.addressed <> 'no')
and not exists (select 1 from treatment_controls l
    join treatment t on t.org_id = l.org_id and t.id = l.record
    join risk r on r.org_id = t.org_id and r.id = t.risk
    where l.org_id = k.org_id and l.target = k.id and t.state <> 'cancelled' and r.state = 'open')
