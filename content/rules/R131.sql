-- id: R131
-- clause: A.5.12
-- severity: MIN
-- from: 10
-- param: since = 24 months ago; an older confirmation does not count
-- title: Every information asset has a level of a scheme in force, confirmed by its owner lately
-- why: Nobody protects information by its level when it has none, or when the level was guessed by somebody else years ago.
-- fix: Confirm the levels | /assets/classify
-- population
select count(*) from asset a where a.org_id = $1 and a.state not in ('retired', 'disposed')
and (a.media <> 0 or coalesce(a.kind, '') = 'primary')
-- offenders
select 'asset' as kind, a.id as id,
  case when a.classification is null then 'has no level'
    when s.state <> 'active' then 'its level belongs to a scheme that is not in force'
    when a.classified_on is null then 'its owner has not confirmed the level'
    when a.classified_on < $4 then 'its level was last confirmed on ' || a.classified_on
    else 'its confidentiality suggests a higher level, and no reason is given' end as because
from asset a left join classification c on c.org_id = a.org_id and c.id = a.classification
left join scheme s on s.org_id = c.org_id and s.id = c.scheme
where a.org_id = $1 and a.state not in ('retired', 'disposed') and (a.media <> 0 or coalesce(a.kind, '') = 'primary')
and (a.classification is null or s.state <> 'active' or a.classified_on is null or a.classified_on < $4
  or (a.classification_reason is null and exists (select 1 from classification n where n.org_id = $1
    and n.scheme = c.scheme and n.rank > c.rank and n.lowest <= coalesce(a.value_c, a.c)
    and coalesce(n.highest, 5) >= coalesce(a.value_c, a.c))))
