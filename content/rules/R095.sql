-- id: R095
-- clause: 8.2
-- severity: MIN
-- from: 12
-- param: late = 30 days ago; what happened before and waits still is late
-- title: What changes the risks leads to a new look at them within a month
-- why: A move, an incident or a new supplier makes an assessment old at once. Waiting for the next planned round means deciding on risks that are no longer the ones you have.
-- fix: Look at the risks again and close the round | /causes?state=open
-- population
select count(*) from cause c where c.org_id = $1 and c.kind <> 'interval'
-- offenders
select 'cause' as kind, c.id as id, 'waits since ' || c.since as because
from cause c where c.org_id = $1 and c.kind <> 'interval' and c.state = 'open' and c.since < $4
