-- What only an administrator can keep a tenant from; inside their database. Doing it again changes nothing.

-- what a login can't set for itself, and only a superuser can set for it
do $$
begin
  -- sorts and hashes that don't fit into memory; for each of its connections
  alter role :"tenant" set temp_file_limit = '1GB';
  -- the server's log is no place for what it makes up (raise log), nor for the values in what fails
  alter role :"tenant" set log_min_messages = 'fatal';
exception when insufficient_privilege then
  raise notice 'the login :"tenant" has no limit for temporary files: %', sqlerrm;
end
$$;

-- nobody here needs large objects, and they would count for nobody
do $$
declare
  large record;
begin
  for large in
    select p.oid::regprocedure as function from pg_catalog.pg_proc p
    where  p.pronamespace = 'pg_catalog'::regnamespace and (p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite'))
  loop
    execute format('revoke all on function %s from public', large.function);
  end loop;
exception when insufficient_privilege then
  raise notice 'large objects stay open: %', sqlerrm;
end
$$;
