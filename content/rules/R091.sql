-- id: R091
-- clause: 8.1
-- severity: MIN
-- from: 12
-- escalate_at: 50
-- param: grace = 14 days ago; a repeating task that was due before has not been done
-- title: What is done again and again was done each time
-- why: Backups are tested and logs are read only if it happens every time. The repeating tasks are the record of it; a gap is what an auditor looks for.
-- fix: Do it now, or say why it fell out | /tasks?status=open&sort=due
-- population
select count(*) from task t where t.org_id = $1 and t.repeat is not null and t.status <> 'cancelled'
and t.due < $2
-- offenders
select 'task' as kind, t.id as id, 'was due on ' || t.due || ' and is still open' as because
from task t where t.org_id = $1 and t.repeat is not null and t.status in ('open', 'waiting')
and t.due < $4
