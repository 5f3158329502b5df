-- a copy takes over no grants on the database itself
do $$
begin
  if exists (
    select from unnest(array['iasql_reconciler', 'iasql_scheduler', 'iasql_http', 'iasql_gateway', 'iasql_visitor']) service
    where not pg_catalog.has_database_privilege(service, :'database', 'connect')
  ) then
    grant connect on database :"database" to iasql_reconciler, iasql_scheduler, iasql_http, iasql_gateway, iasql_visitor;
  end if;
end
$$
