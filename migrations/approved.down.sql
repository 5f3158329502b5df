-- Nobody approves plans; what was done stays known, by the kind that is nearest to it.

update control.run set state = 'lost', ended_at = clock_timestamp() where kind = 'approved' and ended_at is null;
drop index control.a_queued_run_is_not_queued_twice;
create unique index a_queued_run_is_not_queued_twice on control.run (database, kind, asked_by) where state = 'queued' and counter is null;
comment on index control.a_queued_run_is_not_queued_twice is 'Asking twice before the start is asking once.';

alter table control.run drop column plan;
update control.run set kind = 'apply' where kind = 'approved';
alter table control.run drop constraint a_run_is_of_a_known_kind;
alter table control.run add constraint a_run_refreshes_plans_applies_checks_or_imports check (kind in ('refresh', 'plan', 'apply', 'check', 'import'));
comment on column control.run.kind is 'refresh, plan, apply, check (all three until nothing is left) or import.';
