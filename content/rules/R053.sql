-- id: R053
-- clause: 6.1.3 d
-- severity: MAJ
-- from: 7
-- param: shared = 12; one text may serve this many controls
-- param: length = 20; a justification has at least this many characters
-- title: Each excluded control has a justification of its own
-- why: A reason that would fit any control convinces nobody. Say which fact makes this one needless for you.
-- fix: Write why the control is not needed | /controls?applicable=no
-- population
select count(*) from control k where k.org_id = $1 and k.applicable = 'no'
-- offenders
select 'control' as kind, k.id as id,
  case when k.justification is null or trim(k.justification) = '' then 'no justification'
    when length(trim(k.justification)) < $5 then 'the justification is too short to say anything'
    when text_has(k.justification, '[') = 1 or text_has(k.justification, 'Check:') = 1
      then 'the draft is not finished'
    else 'the same text serves too many controls' end as because
from control k where k.org_id = $1 and k.applicable = 'no'
and (k.justification is null or length(trim(k.justification)) < $5
  or text_has(k.justification, '[') = 1 or text_has(k.justification, 'Check:') = 1
  or k.justification in (select g.justification from control g where g.org_id = $1
      and g.applicable = 'no' group by g.justification having count(*) > $4))
