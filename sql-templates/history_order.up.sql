-- The history's triggers name the columns that they leave out in the table's order.

create or replace function iasql.make_history_triggers(resource text, dropped text, mask jsonb) returns void
language plpgsql as $$
begin
  -- in the table's order, whatever order the catalog gives them in: what is made twice is the same
  dropped := array_to_string(array(select f.field from iasql.field f where f.resource = make_history_triggers.resource and f.field = any (string_to_array(dropped, ',')) order by f.position), ',');
  execute format('create trigger history_of_inserts after insert on %s referencing new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_deletes after delete on %s referencing old table as was for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_updates after update on %s referencing old table as was new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
end
$$;
