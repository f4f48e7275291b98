-- id: R094
-- clause: 8.2
-- severity: MIN
-- from: 12
-- escalate_at: 60
-- param: more = 6; so many months after the interval it weighs as a major
-- title: The risk assessment is repeated in time
-- why: Your method says how often. Risks change even when nobody looks, and a result that is older than the interval tells little about today.
-- fix: Begin a new assessment | /assessments
-- population
select count(*) * 2 from assessment s where s.org_id = $1
and s.number = (select max(g.number) from assessment g where g.org_id = $1)
-- offenders
select 'assessment' as kind, s.id as id,
  'the newest one, begun on ' || s.started || ', is older than the ' || m.review_months || ' months of the risk method' as because
from assessment s join method m on m.org_id = s.org_id and m.id = s.method
where s.org_id = $1
and s.number = (select max(g.number) from assessment g where g.org_id = $1)
and ((cast(substr($2, 1, 4) as bigint) - cast(substr(s.started, 1, 4) as bigint)) * 12
    + cast(substr($2, 6, 2) as bigint) - cast(substr(s.started, 6, 2) as bigint)
    - case when substr($2, 9, 2) <= substr(s.started, 9, 2) then 1 else 0 end) >= m.review_months
union all
select 'assessment' as kind, s.id as id,
  'and by more than ' || $4 || ' months' as because
from assessment s join method m on m.org_id = s.org_id and m.id = s.method
where s.org_id = $1
and s.number = (select max(g.number) from assessment g where g.org_id = $1)
and ((cast(substr($2, 1, 4) as bigint) - cast(substr(s.started, 1, 4) as bigint)) * 12
    + cast(substr($2, 6, 2) as bigint) - cast(substr(s.started, 6, 2) as bigint)
    - case when substr($2, 9, 2) <= substr(s.started, 9, 2) then 1 else 0 end) >= m.review_months + $4
