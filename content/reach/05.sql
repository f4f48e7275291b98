-- The method was changed or approved; the one that comes with the program is not work yet.
select count(*) from (select 1 as one from method_history h where h.org_id = $1 and h.valid_from <= $3
  and (h.version > 1 or h.number > 1 or h.state = 'approved') limit 1) x
