-- Takes back the spelling of policies.

drop function iasql.spell_policy();
drop function iasql.canonical_policy(jsonb);
drop function iasql.canonical_statement(jsonb);
drop function iasql.canonical_condition(jsonb);
drop function iasql.canonical_principal(jsonb);
drop function iasql.canonical_list(jsonb);
