-- id: R006
-- clause: 4.2
-- severity: MAJ
-- from: 3
-- minimum: 1
-- title: Somebody expects something from you, and it is written down
-- why: Customers, staff, authorities and owners decide what your system must achieve. Without one party and its requirement nothing that follows has a reason.
-- fix: Add interested parties and what they expect | /parties/suggestions
-- population
select count(*) from party p where p.org_id = $1 and p.state = 'active'
and exists (select 1 from requirement q where q.org_id = p.org_id and q.party = p.id)
-- offenders
select 'party' as kind, p.id as id, 'no requirement is recorded' as because
from party p where p.org_id = $1 and p.state = 'active'
and not exists (select 1 from requirement q where q.org_id = $1 and q.party is not null)
