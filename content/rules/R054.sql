-- id: R054
-- clause: 6.1.3 d
-- severity: MIN
-- from: 7
-- title: Each included control says how far it is and how it works here
-- why: The statement must tell whether a control is in place. One or two sentences on how also help the next person who looks after it.
-- fix: Describe how the control works here | /controls?applicable=yes
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'yes'
-- offenders
select 'control' as kind, k.id as id, 'not described' as because
from control k where k.org_id = $1 and k.applicable = 'yes' and k.how is null
