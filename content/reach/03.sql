-- An interested party or a requirement was recorded.
select count(*) from (select 1 as one from party_history h where h.org_id = $1 and h.valid_from <= $3
union all
select 1 as one from requirement_history q where q.org_id = $1 and q.valid_from <= $3 limit 1) x
