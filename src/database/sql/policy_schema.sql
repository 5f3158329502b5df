-- A schema for the tenant's own policies; it belongs to the tenant. Doing it again changes nothing.
do $$
begin
  if not exists (select from pg_catalog.pg_namespace n where n.nspname = 'policy') then
    create schema policy authorization :"tenant";
    comment on schema policy is 'Yours: each view here whose rows are complaints keeps everything from being applied.';
  end if;
end
$$;
