-- id: R044
-- clause: 6.1.2 c
-- severity: OFI
-- from: 6
-- title: Every family of threats is considered
-- why: It is easy to think of attackers only and to forget fire, mistakes or a supplier that fails. Used in a risk or put aside with a reason: both count.
-- fix: Look at threats of the missing families | /risks/suggestions?all=1
-- population
select count(distinct t.data ->> 'family') from catalogue t where t.kind = 'threats' and t.retired = 0
-- offenders
select '' as kind, 0 as id, 'no threat of the family “' || f.family || '” is used or put aside' as because
from (select distinct t.data ->> 'family' as family from catalogue t
    where t.kind = 'threats' and t.retired = 0) f
where f.family not in (select t.data ->> 'family' from catalogue t where t.kind = 'threats'
    and t.code in (select r.threat from risk r where r.org_id = $1 and r.threat is not null))
and not exists (select 1 from catalogue t join dismissal d on d.org_id = $1 and d.subject = 'risk'
      and text_has(d.key, '/' || t.code || '/') = 1
    where t.kind = 'threats' and t.data ->> 'family' = f.family)
