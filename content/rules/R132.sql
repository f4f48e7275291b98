-- id: R132
-- clause: A.5.10
-- severity: MIN
-- from: 10
-- title: Every level says for each form in use how information is handled and labelled
-- why: A level is only a word until people know what they may do with it on paper, by mail or in talk, and how others recognise it.
-- fix: Fill in the handling rules | /schemes
-- population
with forms(code, bit) as (values ('electronic', 1), ('system', 2), ('paper', 4), ('media', 8), ('verbal', 16), ('email', 32)),
used as (select distinct a.classification as class, f.code as form, 0 as own from asset a
    join forms f on (a.media & f.bit) <> 0
    where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.classification is not null
  union select distinct a.classification, 'own', m.target from asset a
    join asset_own_media m on m.org_id = a.org_id and m.record = a.id
    where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.classification is not null)
select count(*) from used u
-- offenders
with forms(code, bit) as (values ('electronic', 1), ('system', 2), ('paper', 4), ('media', 8), ('verbal', 16), ('email', 32)),
used as (select distinct a.classification as class, f.code as form, 0 as own from asset a
    join forms f on (a.media & f.bit) <> 0
    where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.classification is not null
  union select distinct a.classification, 'own', m.target from asset a
    join asset_own_media m on m.org_id = a.org_id and m.record = a.id
    where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.classification is not null),
seen as (select u.class as class, u.form as form, u.own as own, s.labelling as labelling,
    case when exists (select 1 from handling h where h.org_id = $1 and h.level = u.class
      and h.medium = u.form and coalesce(h.own_medium, 0) = u.own) then 1 else 0 end as handled,
    case when exists (select 1 from marking k where k.org_id = $1 and k.scheme = s.id
      and k.medium = u.form and coalesce(k.own_medium, 0) = u.own) then 1 else 0 end as labelled
  from used u join classification c on c.org_id = $1 and c.id = u.class
  join scheme s on s.org_id = c.org_id and s.id = c.scheme where s.state <> 'retired')
select 'classification' as kind, x.class as id,
  case when x.handled = 0 then 'no handling rule for ' else 'no labelling rule for ' end ||
  case x.form when 'electronic' then 'electronic documents' when 'system' then 'information systems'
    when 'paper' then 'paper' when 'media' then 'storage media' when 'verbal' then 'the spoken word'
    when 'email' then 'e-mail' else 'a form of your own' end as because
from seen x where x.handled = 0 or (x.labelling = 1 and x.labelled = 0)
