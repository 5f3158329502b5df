-- A tenant has no business in these databases, and our services have it in this one alone. What is so already is only looked at.
do $$
declare
  changed name;
begin
  for changed in
    select d.datname
    from pg_catalog.pg_database as d
    where d.datname in ('postgres', 'template1', pg_catalog.current_database())
      and pg_catalog.has_database_privilege('public', d.oid, 'connect')
    order by d.datname
  loop
    begin
      execute pg_catalog.format('revoke all on database %I from public', changed);
    exception when insufficient_privilege then
      raise notice 'database % stays open to public: %', changed, sqlerrm;
    end;
  end loop;

  -- neither a copy of a database nor one that was just closed has these
  for changed in
    select r.rolname
    from pg_catalog.pg_roles as r
    where r.rolname in ('iasql_reconciler', 'iasql_scheduler', 'iasql_http', 'iasql_gateway')
      and not pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'connect')
  loop
    execute pg_catalog.format('grant connect on database %I to %I', pg_catalog.current_database(), changed);
  end loop;
end
$$
