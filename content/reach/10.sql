-- An action was done, or a control was put in place.
select count(*) from (select 1 as one from action_history h where h.org_id = $1 and h.valid_from <= $3
  and h.status = 'done'
union all
select 1 as one from control_history k where k.org_id = $1 and k.valid_from <= $3
  and k.status = 'implemented' limit 1) x
