-- As they are given.

create or replace function iasql.make_history_triggers(resource text, dropped text, mask jsonb) returns void
language plpgsql as $$
begin
  execute format('create trigger history_of_inserts after insert on %s referencing new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_deletes after delete on %s referencing old table as was for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_updates after update on %s referencing old table as was new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
end
$$;
