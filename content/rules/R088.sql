-- id: R088
-- clause: 7.5.3
-- severity: MAJ
-- from: 10
-- title: What was approved is stored unchanged
-- why: Each approval keeps the fingerprint of the text that was shown. If they differ, somebody changed the store behind the program.
-- fix: Restore the text from a backup and find out what happened | /readiness/R088
-- population
select count(*) from decision d where d.org_id = $1 and d.decided_at <= $3
-- offenders
select d.subject_kind as kind, d.subject as id, 'the stored text is not the one that was approved' as because
from decision d where d.org_id = $1 and d.decided_at <= $3 and text_sha256(d.body) <> d.subject_hash
