-- id: R060
-- clause: 6.1.3 f
-- severity: MAJ
-- from: 8
-- title: The owner has approved plan and remaining risk of each treated risk
-- why: Those who answer for a risk must know what is done and what remains. A change after the approval needs a new one.
-- fix: Ask the owners to decide | /approvals
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0
-- offenders
with changed as (select t.risk as risk_id,
    max(case when t.valid_to <= $3 then t.valid_to else t.valid_from end) as moment
  from treatment_history t where t.org_id = $1 and t.valid_from <= $3 group by t.risk),
carried as (select h.treatment as treatment, h.id as action, h.version as version
  from action_history h where h.org_id = $1 and h.valid_from <= $3
  union all select l.target, h.id, h.version from action_also_history l join action_history h
  on h.org_id = l.org_id and h.id = l.record and h.valid_from >= l.valid_from
  and h.valid_from < l.valid_to where l.org_id = $1 and h.valid_from <= $3),
shared as (select t.risk as risk_id,
    max(case when l.valid_to <= $3 then l.valid_to else l.valid_from end) as moment
  from treatment t join action_also_history l on l.org_id = t.org_id and l.target = t.id
  where t.org_id = $1 and l.valid_from <= $3 group by t.risk),
steps as (select t.risk as risk_id, max(case when n.id is null and h.valid_to <= $3 then h.valid_to
    when p.id is null or p.title is distinct from h.title or p.owner is distinct from h.owner
      or p.due is distinct from h.due or p.budget is distinct from h.budget
      or case when p.status = 'cancelled' then 1 else 0 end
        <> case when h.status = 'cancelled' then 1 else 0 end then h.valid_from
    else 0 end) as moment
  from treatment t join carried c on c.treatment = t.id
  join action_history h on h.org_id = t.org_id and h.id = c.action and h.version = c.version
  left join action_history p on p.org_id = h.org_id and p.id = h.id and p.version = h.version - 1
  left join action_history n on n.org_id = h.org_id and n.id = h.id and n.version = h.version + 1
  where t.org_id = $1 group by t.risk),
decided as (select d.subject as risk_id, max(d.decided_at) as moment,
    max(case when d.outcome = 'approved' then d.decided_at else 0 end) as approved
  from decision d where d.org_id = $1 and d.kind in ('risk.treatment', 'risk.acceptance')
  and d.decided_at <= $3 group by d.subject)
select 'risk' as kind, r.id as id,
  case when y.approved is null then 'not approved yet' when y.approved < y.moment then 'refused'
       else 'changed after the approval' end as because
from risk r
left join changed x on x.risk_id = r.id
left join steps z on z.risk_id = r.id
left join shared s on s.risk_id = r.id
left join decided y on y.risk_id = r.id
where r.org_id = $1 and r.state = 'open' and coalesce(r.treated, (select count(*) from treatment t where t.org_id = r.org_id
    and t.risk = r.id and t.state <> 'cancelled')) > 0
and (y.approved is null or y.approved < y.moment or y.approved < x.moment or y.approved < z.moment or y.approved < s.moment
  or y.approved < (select h.valid_from from risk_history h where h.org_id = r.org_id
      and h.id = r.id and h.version = r.version))
