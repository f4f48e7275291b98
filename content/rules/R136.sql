-- id: R136
-- clause: A.5.20
-- severity: MIN
-- from: 12
-- title: Contracts with suppliers that reach your information say what security asks for
-- why: What is not in the contract has to be begged for on the day of the incident.
-- fix: Complete the contract, or say why it may lack something | /suppliers
-- population
select count(*) from supplier s where s.org_id = $1 and s.state in ('active', 'ending')
and coalesce(s.access, 2) > 1
-- offenders
select 'supplier' as kind, s.id as id,
  case when s.terms = 0 then 'nothing is agreed about security'
    when s.terms <> 2047 and s.gap_reason is null then 'something about security is not agreed, and no reason is given'
    else 'it processes personal data for you without an agreement' end as because
from supplier s where s.org_id = $1 and s.state in ('active', 'ending') and coalesce(s.access, 2) > 1
and ((s.terms <> 2047 and s.gap_reason is null) or (s.personal_data = 'processor' and s.dpa_on is null))
