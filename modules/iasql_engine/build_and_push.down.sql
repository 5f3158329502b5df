-- Takes back the script.

drop function iasql_engine.build_and_push();
drop function iasql_engine.build_and_push_template();
