-- Takes back tables, and the functions that look at their indexes.

select iasql.unregister('dynamodb.table');
drop function dynamodb.spell_indexes();
drop function dynamodb.key_attributes(text, text, jsonb, jsonb);
drop function dynamodb.are_indexes(jsonb);
drop function dynamodb.canonical_indexes(jsonb);
