-- Nothing is ordered.

drop table control.served_account;
drop table control.served_order;
