-- SPDX-License-Identifier: Apache-2.0
-- A person's own language and time zone; empty = those of the organisation.
alter table account add column language text;
alter table account add column zone text;
alter table account_history add column language text;
alter table account_history add column zone text;
