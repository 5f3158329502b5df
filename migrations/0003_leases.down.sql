-- Forgets who may change what.
drop table control.lease;
