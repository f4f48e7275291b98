-- SPDX-License-Identifier: Apache-2.0
-- Jobs that people start and watch, that several servers share, and that a clock cannot confuse.
-- Who holds a job shows by `beat`, which its server counts up; another server takes the job over
-- when it has seen the same beat for a while by its own monotonic clock. `attempts` fences: what a
-- server writes about a job counts only while the number is the one it was given.

alter table job drop column lease_until;
alter table job add column person @int not null default 0;
alter table job add column title text not null default '';
alter table job add column lane @int not null default 0;
alter table job add column set_at @int not null default 0;
alter table job add column failures @int not null default 0;
alter table job add column holder @int not null default 0;
alter table job add column beat @int not null default 0;
alter table job add column done @int not null default 0;
alter table job add column total @int not null default 0;
alter table job add column note text not null default '';
alter table job add column cancel @int not null default 0;
alter table job add column link text not null default '';
alter table job add column ended @int not null default 0;
create index job_due on job (state, lane, run_at);
create index job_person on job (org_id, person, id);
