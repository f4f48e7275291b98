-- id: R051
-- clause: 6.1.3 d
-- severity: MAJ
-- from: 7
-- minimum: 1
-- title: An approved Statement of Applicability is in force
-- why: It is the map by which auditors find their way, and the moment when top management agrees to the work.
-- fix: Prepare the statement and have it approved | /soa
-- population
select count(*) from soa s where s.org_id = $1 and s.state = 'approved'
and exists (select 1 from decision d where d.org_id = s.org_id and d.subject = s.id
    and d.kind = 'soa' and d.outcome = 'approved' and d.decided_at <= $3)
-- offenders
select 'soa' as kind, s.id as id, 'waits for approval' as because
from soa s where s.org_id = $1 and s.state = 'submitted'
and not exists (select 1 from soa g where g.org_id = $1 and g.state = 'approved')
