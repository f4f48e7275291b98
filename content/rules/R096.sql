-- id: R096
-- clause: 8.3
-- severity: MIN
-- from: 12
-- escalate_at: 25
-- param: grace = 30 days ago; an action that was due before is overdue
-- title: The treatment plan is carried out in time
-- why: A plan that slips leaves the risks as they were, while everybody believes that something is being done.
-- fix: Do it, or agree a new day with the owner of the risk | /actions?status=in-progress
-- population
select count(*) from action n where n.org_id = $1 and n.status <> 'cancelled' and n.due is not null
-- offenders
select 'action' as kind, n.id as id, 'was due on ' || n.due as because
from action n where n.org_id = $1 and n.status in ('planned', 'in-progress') and n.due < $4
