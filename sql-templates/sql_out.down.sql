-- No statements and no review.

drop function iasql.review();
drop function iasql.in_markdown(text);
drop function iasql.sql_of_transaction();
drop function iasql.sql_for_run(uuid);
drop function iasql.sql_since(timestamptz);
drop function iasql.sql_of(timestamptz, uuid[]);
drop function iasql.list_rows_since(text, timestamptz, uuid[]);
drop function iasql.rows_since(text, timestamptz, uuid[]);
drop function iasql.update_of(text, jsonb, jsonb, jsonb);
drop function iasql.where_of(text, jsonb, jsonb);
drop function iasql.insert_of(text, jsonb, text[]);
drop function iasql.literals(text, text, boolean);
