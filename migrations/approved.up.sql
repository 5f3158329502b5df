-- A run may carry out one plan that somebody approved, and no other.

alter table control.run drop constraint a_run_refreshes_plans_applies_checks_or_imports;
alter table control.run add constraint a_run_is_of_a_known_kind check (kind in ('refresh', 'plan', 'apply', 'check', 'import', 'approved'));
comment on column control.run.kind is 'refresh, plan, apply, check (all three until nothing is left), import or approved (apply one plan and no other).';
alter table control.run add column plan text;
comment on column control.run.plan is 'The fingerprint of the plan that is approved by this, where one is.';

drop index control.a_queued_run_is_not_queued_twice;
create unique index a_queued_run_is_not_queued_twice on control.run (database, kind, asked_by, coalesce(plan, '')) where state = 'queued' and counter is null;
comment on index control.a_queued_run_is_not_queued_twice is 'Asking twice before the start is asking once.';
