-- id: R009
-- clause: 4.2
-- severity: OFI
-- from: 3
-- title: The five usual parties are considered
-- why: Customers, employees, authorities, suppliers and owners exist nearly everywhere. If one does not matter to you, a reason shows that you thought of it.
-- fix: Add the missing parties, or say why they do not matter | /parties/suggestions
-- population
select count(*) from catalogue t where t.kind = 'party_types' and t.retired = 0 and t.data ->> 'core' = 'yes'
-- offenders
select '' as kind, 0 as id, t.label || ': neither recorded nor put aside with a reason' as because
from catalogue t where t.kind = 'party_types' and t.retired = 0 and t.data ->> 'core' = 'yes'
and not exists (select 1 from party p where p.org_id = $1 and p.type = t.code
    and (p.state = 'active' or p.why_not is not null))
