-- id: R153
-- clause: A.5.9
-- severity: MIN
-- from: 12
-- title: Owners confirm in time that the entries of their assets are right
-- why: An inventory is right on the day on which somebody looked. A year later half of it describes what once was.
-- fix: Confirm these entries | /assets/reviews
-- population
select count(*) from asset a where a.org_id = $1 and a.state not in ('retired', 'disposed')
and a.review_due is not null
-- offenders
select 'asset' as kind, a.id as id,
  'its entry was to be confirmed by ' || a.review_due as because
from asset a where a.org_id = $1 and a.state not in ('retired', 'disposed') and a.review_due < $2
