-- Whether a visitor's login leads to this tenant only, and nobody else is in with it. Who begins a visit after this sees our session and stays away; who has
-- begun one before is waited for and seen.
do $$
begin
  set local lock_timeout = '2s';
  begin
    perform from pg_catalog.pg_authid r where r.rolname = :'visitor' for update;
  exception
    when insufficient_privilege then
      raise notice 'no turn is kept: %', sqlerrm;
    when lock_not_available then
      raise exception 'another visit begins' using errcode = 'object_in_use';
  end;
  if exists (select from pg_catalog.pg_stat_activity a where a.usename = :'visitor' and a.pid::text <> :'pid')
     or exists (
       select from pg_catalog.pg_auth_members m
       where  m.member = :'visitor'::regrole
       and    m.roleid <> (select r.oid from pg_catalog.pg_roles r where r.rolname = :'tenant')
     )
  then
    raise exception 'another visit is under way' using errcode = 'object_in_use';
  end if;
end
$$
