-- An action was planned, or an owner decided about a treatment.
select count(*) from (select 1 as one from action_history h where h.org_id = $1 and h.valid_from <= $3
union all
select 1 as one from decision d where d.org_id = $1 and d.decided_at <= $3
  and d.kind in ('risk.treatment', 'risk.acceptance') limit 1) x
