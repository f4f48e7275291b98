-- A duty was given to somebody, or a holder confirmed a role.
select count(*) from (select 1 as one from role_holder_history h where h.org_id = $1 and h.valid_from <= $3
  and (h.duties > 0 or h.acknowledged is not null) limit 1) x
