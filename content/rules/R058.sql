-- id: R058
-- clause: 6.1.3 d
-- severity: OFI
-- from: 7
-- title: Own controls are compared with Annex A
-- why: If Annex A knows the same control, linking the two avoids double work. If not, saying so shows that you looked.
-- fix: Say which Annex A control it resembles, or “none” | /controls?origin=own
-- population
select count(*) from control k where k.org_id = $1 and k.origin = 'own'
-- offenders
select 'control' as kind, k.id as id, 'not compared with Annex A' as because
from control k where k.org_id = $1 and k.origin = 'own' and k.maps_to is null
