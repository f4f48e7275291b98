-- id: R057
-- clause: 6.1.3 d
-- severity: MIN
-- from: 8
-- title: The statement in force is newer than the last change
-- why: After a treatment, a requirement or a control changes, the approved statement describes yesterday.
-- fix: Make a new version and have it approved | /soa
-- population
select count(*) from soa s where s.org_id = $1 and s.state = 'approved'
-- offenders
select 'soa' as kind, s.id as id, 'something changed after its approval' as because
from soa s join decision d on d.org_id = s.org_id and d.subject = s.id and d.kind = 'soa'
  and d.outcome = 'approved' and d.decided_at <= $3
where s.org_id = $1 and s.state = 'approved'
and (exists (select 1 from treatment_history h where h.org_id = s.org_id
      and ((h.valid_from > d.decided_at and h.valid_from <= $3)
        or (h.valid_to > d.decided_at and h.valid_to <= $3)))
  or exists (select 1 from requirement_history h where h.org_id = s.org_id
      and ((h.valid_from > d.decided_at and h.valid_from <= $3)
        or (h.valid_to > d.decided_at and h.valid_to <= $3)))
  or exists (select 1 from control_history h where h.org_id = s.org_id
      and ((h.valid_from > d.decided_at and h.valid_from <= $3)
        or (h.valid_to > d.decided_at and h.valid_to <= $3))))
