-- Forgets when databases are checked by the clock.
drop table control.schedule;
