-- The past is only what the history says.

drop function iasql.as_of(text, timestamptz);
drop function iasql.as_of(anyelement, timestamptz);
drop function iasql.state_at(text);
drop function iasql.mark_of(text, text);
drop function iasql.defaults_of(text);
