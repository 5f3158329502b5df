-- No database has a machine of its own.

drop table control.served_machine;
