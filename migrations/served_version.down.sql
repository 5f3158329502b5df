-- No version and no pin is known.

drop table control.served_pin;
drop table control.served_version;
