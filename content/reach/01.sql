-- Somebody answered for the organisation: the profile is begun, or top management is named.
select count(*) from (select 1 as one from profile_history h where h.org_id = $1 and h.valid_from <= $3
  and (h.headcount is not null or h.sites is not null or h.sector is not null)
union all
select 1 as one from role_holder_history g where g.org_id = $1 and g.valid_from <= $3
  and g.role = 'top-management' limit 1) x
