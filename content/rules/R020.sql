-- id: R020
-- clause: 5.1
-- severity: MAJ
-- from: 1
-- minimum: 1
-- title: A person of top management stands behind the system
-- why: Only those who can spend money and set direction can answer for it. The auditor will ask to speak to them.
-- fix: Give somebody the role of top management | /roles
-- population
select count(*) from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
where h.org_id = $1 and h.role = 'top-management' and h.from_date <= $2 and (h.until is null or h.until >= $2) and p.state = 'active'
-- offenders
select 'role_holder' as kind, h.id as id, 'the holder has left' as because
from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
where h.org_id = $1 and h.role = 'top-management' and p.state = 'leaver'
and h.from_date <= $2 and (h.until is null or h.until >= $2)
and not exists (select 1 from role_holder g join person q on q.org_id = g.org_id and q.id = g.person
    where g.org_id = $1 and g.role = 'top-management' and q.state = 'active'
    and g.from_date <= $2 and (g.until is null or g.until >= $2))
