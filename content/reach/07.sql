-- A control was decided, or a Statement of Applicability was made.
select count(*) from (select 1 as one from control_history h where h.org_id = $1 and h.valid_from <= $3
  and h.applicable <> 'open'
union all
select 1 as one from soa_history s where s.org_id = $1 and s.valid_from <= $3 limit 1) x
