-- Lists whose order means nothing are kept sorted.

-- create trigger sort_lists before insert or update on tigris.x for each row execute function tigris.sort_lists('regions');
create function tigris.sort_lists() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  field text;
begin
  foreach field in array tg_argv loop
    -- what is left open stays so
    if to_jsonb(new) -> field <> 'null' then
      new := jsonb_populate_record(new, jsonb_build_object(field, iasql.canonical_list(to_jsonb(new) -> field)));
    end if;
  end loop;
  return new;
end
$$;
comment on function tigris.sort_lists is 'Keeps the lists in the columns that are named sorted, each member once: a trigger.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('tigris');
