-- Leaves the queue to the engine again. What stands in it stays there.
drop trigger a_run_that_is_looked_at_is_queued on control.run;
drop function control.queue_run();
alter table control.run drop column look_at;
