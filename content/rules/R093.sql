-- id: R093
-- clause: 8.1
-- severity: MIN
-- from: 12
-- title: What others provide has a supplier who is judged and watched
-- why: You may hand out the work but not the answer for it. Somebody has to know who delivers it, what is expected, and whether it is still as agreed.
-- fix: Name the supplier in the asset | /assets
-- population
select count(*) from asset a where a.org_id = $1 and a.in_scope = 1 and a.state not in ('planned', 'retired', 'disposed')
and a.type in ('cloud-platform', 'saas-office', 'saas-business', 'identity-service', 'code-hosting', 'payment-service',
  'managed-it', 'outsourced-developers', 'professional-advisers', 'facility-services')
-- offenders
select 'asset' as kind, a.id as id,
  case when not exists (select 1 from asset_suppliers l where l.org_id = a.org_id and l.record = a.id)
    then 'others provide it, and it names no supplier'
    else 'none of its suppliers is judged, with an owner and a next review' end as because
from asset a where a.org_id = $1 and a.in_scope = 1 and a.state not in ('planned', 'retired', 'disposed')
and a.type in ('cloud-platform', 'saas-office', 'saas-business', 'identity-service', 'code-hosting', 'payment-service',
  'managed-it', 'outsourced-developers', 'professional-advisers', 'facility-services')
and not exists (select 1 from asset_suppliers l join supplier s on s.org_id = l.org_id and s.id = l.target
  where l.org_id = a.org_id and l.record = a.id and s.state <> 'ended' and s.owner is not null
  and s.criticality is not null and s.next_review is not null)
