-- id: R097
-- clause: 8.3
-- severity: MIN
-- from: 12
-- title: What was done of the plan is shown and was verified by somebody else
-- why: The one who did it is sure that it works. A second person looks whether the risk has really become smaller.
-- fix: Say what shows it, and have somebody else verify it | /actions?status=done
-- population
select count(*) from action n where n.org_id = $1 and n.status = 'done'
-- offenders
select 'action' as kind, n.id as id,
  case when n.verifier is null then 'nobody verified it'
    when n.verifier = n.owner then 'verified by the one who did it'
    else 'nothing shows that it was done' end as because
from action n
where n.org_id = $1 and n.status = 'done' and (n.verifier is null or n.verifier = n.owner
  or (n.evidence is null and not exists (select 1 from evidence_about l
    where l.org_id = n.org_id and l.target = n.id)))
