-- Nobody is told.

drop trigger a_run_that_has_ended_is_told on control.run;
drop function control.tell_run();
drop table control.delivery;
drop table control.webhook;
