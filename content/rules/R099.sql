-- id: R099
-- clause: 8.3
-- severity: MIN
-- from: 10
-- title: Every included control has an owner
-- why: A control that nobody looks after stops working without a sound.
-- fix: Name an owner for these controls | /controls?owner=none&applicable=yes
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'yes'
-- offenders
select 'control' as kind, k.id as id, 'has no owner' as because
from control k where k.org_id = $1 and k.applicable = 'yes' and k.owner is null
union all
select 'control' as kind, k.id as id, 'its owner has left' as because
from control k join person p on p.org_id = k.org_id and p.id = k.owner
where k.org_id = $1 and k.applicable = 'yes' and p.state = 'leaver'
