-- id: R038
-- clause: 6.1.2 b
-- severity: MIN
-- from: 6
-- title: All risks are judged by the same version of the method
-- why: Levels of different methods cannot be compared, so the ranking would be wrong.
-- fix: Score these risks again with the method in use | /risks
-- population
select count(*) from risk r where r.org_id = $1 and r.state = 'open'
-- offenders
select 'risk' as kind, r.id as id, 'judged by another version of the method' as because
from risk r where r.org_id = $1 and r.state = 'open' and r.method <> (select m.id from method m where m.org_id = $1 and m.state <> 'retired'
    order by case when m.state = 'approved' then 0 else 1 end,
    case when m.state = 'approved' then -m.number else m.number end limit 1)
