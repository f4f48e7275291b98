-- id: R008
-- clause: 4.2
-- severity: MIN
-- from: 3
-- title: Every requirement is decided, and what you take on is linked
-- why: Since the edition of 2022 you must say which requirements your system deals with. A yes needs a control or a way that meets it.
-- fix: Decide each requirement and link what meets it | /requirements
-- population
select count(*) from requirement q where q.org_id = $1
-- offenders
select 'requirement' as kind, q.id as id,
  case when q.addressed = 'open' then 'not decided whether the system deals with it'
       else 'dealt with, but no control and no way is named' end as because
from requirement q where q.org_id = $1 and (q.addressed = 'open'
  or (q.addressed = 'yes' and q.how_met is null
      and not exists (select 1 from requirement_controls k where k.org_id = q.org_id and k.record = q.id)))
