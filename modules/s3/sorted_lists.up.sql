-- Lists whose order means nothing are kept sorted.

-- create trigger sort_lists before insert or update on s3.x for each row execute function s3.sort_lists('events');
create function s3.sort_lists() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  field text;
begin
  foreach field in array tg_argv loop
    new := jsonb_populate_record(new, jsonb_build_object(field, iasql.canonical_list(coalesce(to_jsonb(new) -> field, '[]'))));
  end loop;
  return new;
end
$$;
comment on function s3.sort_lists is 'Keeps the lists in the columns that are named sorted, each member once: a trigger.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('s3');
