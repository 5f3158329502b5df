-- Takes back rules, and the functions that spell their conditions.

select iasql.unregister('elbv2.listener_rule');
drop function elbv2.spell_conditions();
drop function elbv2.are_conditions(jsonb);
drop function elbv2.canonical_conditions(jsonb);
drop function elbv2.canonical_values(jsonb);
