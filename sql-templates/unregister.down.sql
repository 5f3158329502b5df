-- Types can't be taken back any more.

drop function iasql.unregister(text);
drop function iasql.forget(text);
drop function iasql.assemble_rest();
drop function iasql.assemble_nothing();
drop function iasql.drop_views(text);
