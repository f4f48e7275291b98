-- id: R064
-- clause: 6.1.3 f
-- severity: OFI
-- from: 8
-- title: Whoever scored a risk does not accept it
-- why: Two pairs of eyes see more than one. Where nobody else is there, the reason is on record, but it stays worth changing.
-- fix: Let another person decide | /approvals
-- population
select count(*) from decision d join risk r on r.org_id = d.org_id and r.id = d.subject
where d.org_id = $1 and d.kind in ('risk.treatment', 'risk.acceptance') and d.outcome = 'approved'
and d.decided_at <= $3 and r.state = 'open'
-- offenders
select distinct 'risk' as kind, r.id as id, 'scored and approved by the same person' as because
from decision d join risk r on r.org_id = d.org_id and r.id = d.subject
where d.org_id = $1 and d.kind in ('risk.treatment', 'risk.acceptance') and d.outcome = 'approved'
and d.decided_at <= $3 and r.state = 'open' and d.decided_by = r.analyst
and not exists (select 1 from decision n where n.org_id = d.org_id and n.subject = d.subject
    and n.kind = d.kind and n.outcome = 'approved' and n.decided_at <= $3
    and n.decided_at > d.decided_at)
