-- Takes back clusters, and what makes other rows of them; the rows that it made stay.

select iasql.unregister('postgres.cluster');
drop function postgres.begin_cluster();
drop function postgres.change_cluster();
drop function postgres.expand_cluster();
drop function postgres.end_cluster();
drop function postgres.tell_key(text, text, text);
drop function postgres.tell_password(text, text);
drop function postgres.tell(text, text, text);
drop function postgres.volume_of(text, integer);
drop function postgres.pooler_named(integer);
drop function postgres.refuse_settings(jsonb);
drop function postgres.is_the_engines(text);
