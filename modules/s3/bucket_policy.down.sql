-- Takes back policies, and the functions that spell them.

select iasql.unregister('s3.bucket_policy');
drop function s3.spell_bucket_policy();
drop function s3.canonical_policy(jsonb);
drop function s3.canonical_statement(jsonb);
drop function s3.canonical_condition(jsonb);
drop function s3.canonical_principal(jsonb);
drop function s3.canonical_list(jsonb);
