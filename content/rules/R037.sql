-- id: R037
-- clause: 6.1.2 b
-- severity: MIN
-- from: 5
-- param: length = 15; a description has at least this many characters
-- title: Each level has a description that a second person can use
-- why: Two people must come to the same level without asking each other. A single word like “high” does not do that.
-- fix: Describe the levels in the method | /methods
-- population
select count(*) from method_level v where v.org_id = $1 and v.method = (select m.id from method m where m.org_id = $1 and m.state <> 'retired'
    order by case when m.state = 'approved' then 0 else 1 end,
    case when m.state = 'approved' then -m.number else m.number end limit 1)
-- offenders
select 'method' as kind, v.method as id,
  v.axis || ' level ' || v.level || ' has no usable description' as because
from method_level v where v.org_id = $1 and v.method = (select m.id from method m where m.org_id = $1 and m.state <> 'retired'
    order by case when m.state = 'approved' then 0 else 1 end,
    case when m.state = 'approved' then -m.number else m.number end limit 1)
and (length(trim(v.descriptor)) < $4 or v.descriptor = v.label
  or exists (select 1 from method_level g where g.org_id = v.org_id and g.method = v.method
      and g.axis = v.axis and g.level <> v.level and g.descriptor = v.descriptor))
