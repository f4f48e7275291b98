-- id: R047
-- clause: 6.1.2
-- severity: MAJ
-- from: 6
-- minimum: 1
-- title: The risk assessment is approved
-- why: An approved report freezes what was found, by which method and with whom. It is the record the standard asks for.
-- fix: Close the assessment and have it approved | /assessments
-- population
select count(*) from assessment s where s.org_id = $1 and s.state = 'closed'
and exists (select 1 from decision d where d.org_id = s.org_id and d.subject = s.id
    and d.kind = 'assessment' and d.outcome = 'approved' and d.decided_at <= $3)
-- offenders
select 'assessment' as kind, s.id as id,
  case when s.state = 'open' then 'still open' else 'closed, but not approved' end as because
from assessment s where s.org_id = $1
and not exists (select 1 from decision d where d.org_id = s.org_id and d.subject = s.id
    and d.kind = 'assessment' and d.outcome = 'approved' and d.decided_at <= $3)
and (s.state = 'closed' or not exists (select 1 from assessment g where g.org_id = $1 and g.state = 'closed'))
and s.number = (select max(g.number) from assessment g where g.org_id = $1
    and (g.state = 'closed' or s.state = 'open'))
