-- id: R154
-- clause: A.7.14
-- severity: MIN
-- from: 12
-- param: since = 3 months ago; retired assets may wait for their disposal so long
-- title: What went out of use was disposed of, with proof that its information is gone
-- why: Old disks and forgotten accounts are where information leaks years later. A certificate or a log of the wiping ends the matter.
-- fix: Dispose of these, or add the proof | /assets?state=retired
-- population
select count(*) from asset a where a.org_id = $1 and a.state in ('retired', 'disposed')
-- offenders
select 'asset' as kind, a.id as id,
  case when a.state = 'retired' then 'retired on ' || a.retired_on || ' and still there'
    else 'disposed of without proof that its information is gone' end as because
from asset a where a.org_id = $1
and ((a.state = 'retired' and a.retired_on < $4)
  or (a.state = 'disposed' and a.disposal_proof is null and coalesce(a.disposal, '') <> 'nothing'
    and (a.personal_data = 1 or coalesce(a.value_c, a.c, 0) >= 3)
    and not exists (select 1 from evidence_about e where e.org_id = a.org_id and e.target = a.id)))
