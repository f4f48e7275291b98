-- The project has people: somebody besides the founder, or departments.
select count(*) from (select distinct h.id as id from person_history h
  where h.org_id = $1 and h.valid_from <= $3 limit 2) x having count(*) > 1
union all
select count(*) from unit_history u where u.org_id = $1 and u.valid_from <= $3 having count(*) > 0
