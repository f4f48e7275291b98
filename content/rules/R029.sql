-- id: R029
-- clause: 5.3
-- severity: MIN
-- from: 4
-- title: Every holder of a role has confirmed it
-- why: A duty that its holder does not know of is not assigned. Ask each holder once and note the date.
-- fix: Ask the holders to confirm | /roles
-- population
select count(*) from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
where h.org_id = $1 and h.role <> 'employee' and h.from_date <= $2 and (h.until is null or h.until >= $2) and p.state = 'active'
-- offenders
select 'role_holder' as kind, h.id as id, 'not confirmed yet' as because
from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
where h.org_id = $1 and h.role <> 'employee' and h.acknowledged is null and h.from_date <= $2 and (h.until is null or h.until >= $2) and p.state = 'active'
