-- Forgets which runs there were.
drop table control.run;
