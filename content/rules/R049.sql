-- id: R049
-- clause: 6.1.3 a
-- severity: MIN
-- from: 6
-- title: Each treatment says what its option needs
-- why: Modify names a control, share names who carries the loss and by which contract, avoid names what ends, retain says why it is bearable.
-- fix: Complete these treatments | /treatments
-- population
select count(*) from treatment t join risk r on r.org_id = t.org_id and r.id = t.risk
where t.org_id = $1 and t.state <> 'cancelled' and r.state = 'open'
-- offenders
select 'treatment' as kind, t.id as id,
  case t.option when 'modify' then 'no control is named' when 'share' then 'who shares it, or the contract, is missing'
    when 'avoid' then 'what ends or changes is missing' else 'the reason is missing' end as because
from treatment t join risk r on r.org_id = t.org_id and r.id = t.risk
where t.org_id = $1 and t.state <> 'cancelled' and r.state = 'open'
and ((t.option = 'modify' and not exists (select 1 from treatment_controls k
      where k.org_id = t.org_id and k.record = t.id))
  or (t.option = 'share' and (t.counterparty is null or t.contract is null))
  or (t.option = 'avoid' and t.activity is null)
  or (t.option = 'retain' and t.justification is null))
