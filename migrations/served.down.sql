-- Nothing is served.

drop table control.served;
