-- id: R048
-- clause: 6.1.3 a
-- severity: MAJ
-- from: 6
-- title: Each risk above the acceptance level has a treatment
-- why: You found it too high, or an axis of the method forbids it, so something must follow: change it, share it, avoid it, or keep it with a good reason. Doing nothing is not an option the standard knows.
-- fix: Decide on the risks above your acceptance level | /risks?state=open&treated=0
-- population
select count(*) from risk r join method m on m.org_id = r.org_id and m.id = r.method
where r.org_id = $1 and r.state = 'open' and (r.vetoed = 1 or coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact))) > m.acceptance)
-- offenders
select 'risk' as kind, r.id as id,
  case when r.vetoed = 1 then 'nobody may accept it, says an axis of the risk method; ' else '' end || 'level ' || coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact))) || ', acceptance level ' || m.acceptance || ', no treatment' as because
from risk r join method m on m.org_id = r.org_id and m.id = r.method
where r.org_id = $1 and (r.treated = 0 or (r.treated is null and not exists (select 1
    from treatment t where t.org_id = r.org_id and t.risk = r.id and t.state <> 'cancelled')))
and coalesce(r.state, '') = 'open' and (r.vetoed = 1 or coalesce(r.score, (select c.score from method_cell c where c.org_id = r.org_id
    and c.method = r.method
    and c.likelihood = coalesce(r.current_likelihood, r.inherent_likelihood)
    and c.impact = coalesce(r.current_impact, r.inherent_impact))) > m.acceptance)
