-- Takes back listeners, and the functions that spell what they do.

select iasql.unregister('elbv2.listener');
drop function elbv2.spell_action();
drop function elbv2.is_fixed_response(jsonb);
drop function elbv2.is_redirect(jsonb);
drop function elbv2.canonical_fixed_response(jsonb);
drop function elbv2.canonical_redirect(jsonb);
