-- id: R028
-- clause: 5.3
-- severity: MAJ
-- from: 4
-- title: Two duties have a holder: conformity and reporting
-- why: Somebody must see that the system meets the standard, and somebody must tell top management how well it works. It may be the same person.
-- fix: Give both duties to somebody | /roles
-- population
select count(*) * 2 from organisation o where o.org_id = $1
-- offenders
select '' as kind, 0 as id, 'nobody sees that the system meets the standard' as because
from organisation o where o.org_id = $1
and not exists (select 1 from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
    where h.org_id = o.org_id and (h.duties & 1) = 1 and h.from_date <= $2 and (h.until is null or h.until >= $2) and p.state = 'active')
union all
select '' as kind, 0 as id, 'nobody reports to top management' as because
from organisation o where o.org_id = $1
and not exists (select 1 from role_holder h join person p on p.org_id = h.org_id and p.id = h.person
    where h.org_id = o.org_id and (h.duties & 2) = 2 and h.from_date <= $2 and (h.until is null or h.until >= $2) and p.state = 'active')
