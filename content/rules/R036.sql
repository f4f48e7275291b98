-- id: R036
-- clause: 6.1.2 a
-- severity: MAJ
-- from: 5
-- minimum: 1
-- title: The risk method is approved
-- why: The method says how risks are judged, which level is acceptable and when you look again. Approved before use, it keeps you from bending the rules to fit a result.
-- fix: Look through the method and approve it | /methods
-- population
select count(*) from method m where m.org_id = $1 and m.state = 'approved'
and exists (select 1 from decision d where d.org_id = m.org_id and d.subject = m.id
    and d.kind = 'method' and d.outcome = 'approved' and d.decided_at <= $3)
-- offenders
select 'method' as kind, m.id as id,
  case when m.acceptance < 1 then 'no acceptance level is set'
       else 'it does not say when the assessment is repeated' end as because
from method m where m.org_id = $1 and m.state = 'approved'
and (m.acceptance < 1 or m.review_months < 1)
union all
select 'method' as kind, m.id as id, 'still a draft' as because
from method m where m.org_id = $1 and m.state = 'draft'
and not exists (select 1 from method g where g.org_id = $1 and g.state = 'approved')
