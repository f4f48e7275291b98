-- id: R143
-- clause: A.5.34
-- severity: MIN
-- from: 10
-- title: Assets with personal data say what the data are for, what allows it, and who answers
-- why: Data of people may be kept for a purpose only. Where nobody can name it, nobody knows either when they have to go.
-- fix: Say what the data are for | /assets?personal_data=yes
-- population
select count(*) from asset a where a.org_id = $1 and a.personal_data = 1 and a.state <> 'disposed'
-- offenders
select 'asset' as kind, a.id as id,
  case when a.owner is null then 'contains personal data and has no owner'
    when a.purpose is null then 'not said what its personal data are for'
    else 'not said what allows to keep its personal data' end as because
from asset a where a.org_id = $1 and a.personal_data = 1 and a.state <> 'disposed'
and (a.owner is null or (coalesce(a.kind, 'primary') = 'primary' and (a.purpose is null or a.legal_basis is null))
  or (coalesce(a.kind, '') = 'supporting' and (a.purpose is null or a.legal_basis is null)
    and not exists (select 1 from asset_carries l join asset p on p.org_id = l.org_id and p.id = l.target
      where l.org_id = a.org_id and l.record = a.id and p.personal_data = 1
      and p.purpose is not null and p.legal_basis is not null)))
