-- A tenant has no business in these. Several engines may do this at once, and one of them is enough.
do $$
declare
  open_one name;
begin
  for open_one in
    select d.datname
    from pg_catalog.pg_database as d
    where d.datname in ('postgres', 'template1', pg_catalog.current_database())
      and pg_catalog.has_database_privilege('public', d.oid, 'connect')
  loop
    begin
      execute pg_catalog.format('revoke all on database %I from public', open_one);
    exception when internal_error or insufficient_privilege then
      raise notice 'database % stays open to public: %', open_one, sqlerrm;
    end;
  end loop;
end
$$
