-- For the time of a visit: whatever runs then has the tenant's rights and nobody else's. One visit at a time on the server.
do $$
begin
  set local lock_timeout = '2s';
  -- the table is all databases', and a tenant may not lock it
  begin
    lock table pg_catalog.pg_auth_members in share row exclusive mode;
  exception when insufficient_privilege then
    raise notice 'no turn is kept: %', sqlerrm;
  end;
  -- somebody left behind by an engine that is gone, and busy with what a tenant wrote: no visit lasts that long
  if :'is_stale'::boolean then
    perform pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a
    where  a.usename = 'iasql_visitor' and a.backend_start < clock_timestamp() - interval '5 minutes';
  end if;
  if exists (select from pg_catalog.pg_stat_activity a where a.usename = 'iasql_visitor')
     or not :'is_stale'::boolean and exists (select from pg_catalog.pg_auth_members m where m.member = 'iasql_visitor'::regrole)
  then
    raise exception 'another visit is under way' using errcode = 'lock_not_available';
  end if;
end
$$;

-- what a visit left whose engine is gone, or a tenant has granted
do $$
declare
  left_over record;
begin
  for left_over in select m.roleid::regrole as role from pg_catalog.pg_auth_members m where m.member = 'iasql_visitor'::regrole loop
    execute format('revoke %s from iasql_visitor', left_over.role);
  end loop;
end
$$;

grant :"tenant" to iasql_visitor;
grant connect on database :"tenant" to iasql_visitor;
