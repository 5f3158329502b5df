-- Machines as they were before there were any.

select iasql.unregister('fly.machine');
drop function fly.spell_machine();
drop function fly.spelled_service(jsonb);
drop function fly.spelled_check(jsonb);
drop function fly.spelled_span(jsonb);
