-- description: Notes that a new database was asked for with these modules.
-- service: http
-- mode: write
create or replace function control.module_set_asked(modules text[])
returns void
language sql as $$
  insert into control.module_set as m (modules) values (module_set_asked.modules)
  on conflict (modules) do update set asked_at = clock_timestamp()
  where m.asked_at < clock_timestamp() - interval '1 minute'
$$;
