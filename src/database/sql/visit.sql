-- For the time of a visit: whatever runs over this login then has the tenant's rights and nobody else's.
do $$
declare
  mark text;
begin
  set local lock_timeout = '2s';
  -- a row of the server's, which no tenant may lock
  begin
    perform from pg_catalog.pg_authid r where r.rolname = :'visitor' for update nowait;
  exception
    when insufficient_privilege then
      raise notice 'no turn is kept: %', sqlerrm;
    when lock_not_available then
      raise exception 'another visit begins' using errcode = 'object_in_use';
  end;
  perform pg_catalog.pg_terminate_backend(a.pid, 2000) from pg_catalog.pg_stat_activity a
  where   a.usename = :'visitor' and a.backend_start < clock_timestamp() - interval '5 minutes';
  select coalesce(string_agg(pg_catalog.concat_ws(' ', m.roleid, m.xmin), ',' order by m.roleid), '') into mark
  from   pg_catalog.pg_auth_members m
  where  m.member = :'visitor'::regrole;
  perform pg_catalog.pg_stat_clear_snapshot();
  if mark <> :'mark' or exists (select from pg_catalog.pg_stat_activity a where a.usename = :'visitor') then
    raise exception 'another visit is under way' using errcode = 'object_in_use';
  end if;
end
$$;

-- what a visit left whose engine is gone
do $$
declare
  left_over record;
begin
  for left_over in
    select m.roleid::regrole as role from pg_catalog.pg_auth_members m
    where  m.member = :'visitor'::regrole
  loop
    execute format('revoke %s from %s', left_over.role, :'visitor'::regrole);
  end loop;
  if not pg_catalog.has_database_privilege(:'visitor', :'tenant', 'connect') then
    grant connect on database :"tenant" to :"visitor";
  end if;
end
$$;

grant :"tenant" to :"visitor";
