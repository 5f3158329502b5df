-- A run may also make rows of what is in the cloud.

alter table control.run drop constraint a_run_refreshes_plans_applies_or_checks;
alter table control.run add constraint a_run_refreshes_plans_applies_checks_or_imports check (kind in ('refresh', 'plan', 'apply', 'check', 'import'));
comment on column control.run.kind is 'refresh, plan, apply, check (all three until nothing is left) or import.';
