-- The system runs: an action has evidence, or a risk was accepted for a time.
select count(*) from (select 1 as one from action_history h where h.org_id = $1 and h.valid_from <= $3
  and h.status = 'done' and h.evidence is not null
union all
select 1 as one from decision d where d.org_id = $1 and d.decided_at <= $3
  and d.kind = 'risk.acceptance' limit 1) x
