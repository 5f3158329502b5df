-- No run imports any more; what was done stays known, by the kind that is nearest to it.

update control.run r set kind = 'refresh' where r.kind = 'import';
alter table control.run drop constraint a_run_refreshes_plans_applies_checks_or_imports;
alter table control.run add constraint a_run_refreshes_plans_applies_or_checks check (kind in ('refresh', 'plan', 'apply', 'check'));
comment on column control.run.kind is 'refresh, plan, apply or check (all three until nothing is left).';
