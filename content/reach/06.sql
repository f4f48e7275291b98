-- An asset or a risk was recorded.
select count(*) from (select 1 as one from risk_history h where h.org_id = $1 and h.valid_from <= $3
union all
select 1 as one from asset_history a where a.org_id = $1 and a.valid_from <= $3 limit 1) x
