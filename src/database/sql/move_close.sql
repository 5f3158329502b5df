begin;
alter role :"tenant" nologin;
revoke connect on database :"database" from iasql_reconciler, iasql_scheduler, iasql_http, iasql_gateway;
-- those of them that have visited
do $$
declare
  visitor record;
begin
  for visitor in
    select r.oid::regrole as role from pg_catalog.pg_roles r
    where  r.rolname like 'iasql\_visitor%' and pg_catalog.has_database_privilege(r.oid, :'database', 'connect')
  loop
    execute format('revoke connect on database %I from %s', :'database', visitor.role);
  end loop;
end
$$;
commit;
