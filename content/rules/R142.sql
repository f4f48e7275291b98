-- id: R142
-- clause: A.5.31
-- severity: MIN
-- from: 3
-- param: since = 12 months ago; an older review does not count
-- title: Every legal or contract duty has an owner and was looked at lately
-- why: Laws and contracts change. Somebody must know each duty, whether it applies, and whether it is met.
-- fix: Review these duties | /requirements
-- population
select count(*) from requirement q where q.org_id = $1 and q.kind in ('law', 'regulation', 'contract')
-- offenders
select 'requirement' as kind, q.id as id,
  case when q.owner is null then 'has no owner' when q.addressed = 'open' then 'not decided whether it applies'
    when q.addressed = 'yes' and q.status = 'open' then 'not said whether it is met'
    when q.reviewed is null then 'never reviewed'
    else 'last reviewed on ' || q.reviewed end as because
from requirement q where q.org_id = $1 and q.kind in ('law', 'regulation', 'contract')
and (q.owner is null or q.addressed = 'open' or (q.addressed = 'yes' and q.status = 'open')
  or q.reviewed is null or q.reviewed < $4)
