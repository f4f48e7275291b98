-- id: R058
-- clause: 6.1.3 d
-- severity: OFI
-- from: 7
-- title: Own controls are compared with Annex A
-- why: If Annex A knows the same control, linking the two avoids double work. If not, saying so shows that you looked.
-- fix: Say which Annex A control it answers, or that none is like it | /soa?theme=own
-- population
select count(*) from control k where k.org_id = $1 and k.origin = 'own'
and (k.applicable <> 'open' or k.controlset is null
  or exists (select 1 from controlset s where s.org_id = k.org_id and s.id = k.controlset and s.purpose = 'whole'))
-- offenders
select 'control' as kind, k.id as id, 'not compared with Annex A' as because
from control k where k.org_id = $1 and k.origin = 'own' and k.maps_to is null
and (k.applicable <> 'open' or k.controlset is null
  or exists (select 1 from controlset s where s.org_id = k.org_id and s.id = k.controlset and s.purpose = 'whole'))
