-- No gateway or node knows of another one.

drop table control.served_gateway;
