-- A type that is changed keeps what spells its policies.

create or replace function iasql.drop_triggers(resource text) returns void
language plpgsql as $$
declare
  made record;
begin
  for made in
    select t.tgname, p.proname
    from   pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
    where  t.tgrelid = resource::regclass and not t.tgisinternal and p.pronamespace = 'iasql'::regnamespace
    -- what spells a policy is the module's own
    and    p.proname <> 'spell_policy'
  loop
    execute format('drop trigger %I on %s', made.tgname, resource);
  end loop;
  execute format('drop function if exists iasql.%I()', 'version_of_' || iasql.relation(resource));
  execute format('drop policy if exists everything on %s', resource);
  execute format('alter table %s disable row level security', resource);
end
$$;
