-- Types can't be changed any more.

drop function iasql.change_observed(text);
drop function iasql.drop_triggers(text);
drop function iasql.end_change(text);
drop function iasql.begin_change(text);
drop function iasql.types_about(text);
