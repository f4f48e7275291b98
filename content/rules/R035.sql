-- id: R035
-- clause: 6.1.1
-- severity: MIN
-- from: 6
-- minimum: 1
-- title: Risks and opportunities of the ISMS have an action, an owner and an evaluation
-- why: Not only information is at risk, also the undertaking to protect it: people, money and attention. What is planned against it has to be looked at afterwards.
-- fix: Fill the register of risks and opportunities of the ISMS | /prospects
-- population
select count(*) from prospect p where p.org_id = $1 and p.state <> 'dropped'
-- offenders
select 'prospect' as kind, p.id as id, case
  when coalesce(p.action, '') = '' then 'it does not say what is done about it'
  when o.id is null then 'nobody who is here owns it'
  when p.state = 'done' then 'it is done, but nobody looked at the effect'
  else 'it does not say how one will see whether it worked' end as because
from prospect p left join person o on o.org_id = p.org_id and o.id = p.owner and o.state = 'active'
where p.org_id = $1 and p.state <> 'dropped' and (coalesce(p.action, '') = '' or o.id is null
  or (p.state = 'done' and (coalesce(p.evaluation, '') = '' or p.evaluated is null))
  or (p.state <> 'done' and coalesce(p.measure, '') = '' and coalesce(p.evaluation, '') = ''))
