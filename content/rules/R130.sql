-- id: R130
-- clause: A.5.9
-- severity: MIN
-- from: 6
-- title: Every asset has an owner, a place and a value
-- why: Without an owner nobody decides, without a place nobody finds it, and without a value nobody knows how much care it deserves.
-- fix: Complete these assets | /assets
-- population
select count(*) from asset a where a.org_id = $1 and a.state not in ('retired', 'disposed')
-- offenders
select 'asset' as kind, a.id as id,
  case when a.owner is null then 'has no owner' when p.state = 'leaver' then 'its owner has left'
    when a.location is null and a.place is null then 'has no location' when a.type = '' then 'has no type'
    else 'is not valued for all of confidentiality, integrity and availability' end as because
from asset a left join person p on p.org_id = a.org_id and p.id = a.owner
where a.org_id = $1 and a.state not in ('retired', 'disposed')
and (a.owner is null or p.state = 'leaver' or (a.location is null and a.place is null) or a.type = ''
  or a.c is null or a.i is null or a.a is null)
