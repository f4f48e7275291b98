-- id: R007
-- clause: 4.2
-- severity: MIN
-- from: 3
-- title: Every active party has a requirement
-- why: A party on the list without an expectation tells nobody what to do for it.
-- fix: Write down what the party expects, or retire it | /parties
-- population
select count(*) from party p where p.org_id = $1 and p.state = 'active'
-- offenders
select 'party' as kind, p.id as id, 'has no requirement' as because
from party p where p.org_id = $1 and p.state = 'active'
and not exists (select 1 from requirement q where q.org_id = p.org_id and q.party = p.id)
