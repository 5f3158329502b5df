-- Takes the blueprint back; the rows that it made stay.

drop function iasql_engine.blueprint(jsonb);
drop function iasql_engine.make_ground(text, text, text[], jsonb);
drop function iasql_engine.make_roles(text, text);
drop function iasql_engine.make_secrets(text, text);
drop function iasql_engine.make_database(text, text, jsonb);
drop function iasql_engine.make_entrance(text, text, jsonb);
drop function iasql_engine.make_domain(text, text, text, text);
drop function iasql_engine.make_service(text, text, jsonb);
drop function iasql_engine.random_text();
drop function iasql_engine.blueprint_parameters();
