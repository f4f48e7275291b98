-- id: R151
-- clause: 6.1.3 d
-- severity: MIN
-- from: 8
-- param: unsettled = list unsettled-controls; controls that were decided for other reasons than those of today
-- title: Decisions about controls rest on the reasons of today
-- why: A control was included for a risk that is closed, or left out before a risk or a duty came that needs it. Somebody has to say whether the decision stands.
-- fix: Look at these decisions again | /soa?theme=all&show=changed
-- population
select count(*) from control k where k.org_id = $1 and k.decided_for is not null
-- offenders
select 'control' as kind, k.id as id, 'its reasons changed since it was decided' as because
from control k where k.org_id = $1 and k.id in (select cast(value as bigint) from json_each($4))
