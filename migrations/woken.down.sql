-- A run waits for as long as whoever looked at it last wanted.

drop trigger a_woken_run_does_not_wait on control.run;
drop function control.heed_waking();
alter table control.run drop column woken_at;
