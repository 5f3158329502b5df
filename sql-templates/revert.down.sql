-- Nobody looks for rows that are not as they were.

drop function iasql.revert_diff(timestamptz);
drop function iasql.name_of_row(text, jsonb);
drop function iasql.astray(iasql.strayed);
drop function iasql.lost_columns(iasql.strayed);
drop function iasql.lost_secrets(iasql.strayed);
drop function iasql.written_since(timestamptz);
drop function iasql.strayed_of(text, timestamptz);
drop type iasql.strayed;
drop function iasql.columns_of(text, boolean, boolean);
