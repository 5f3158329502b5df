-- The extension that seals secrets, where no tenant can call it. Doing it again changes nothing; one that is there stays where it is.
do $$
declare
  place text;
begin
  if not exists (select from pg_catalog.pg_extension where extname = 'pgcrypto') then
    create schema if not exists iasql_pgcrypto;
    comment on schema iasql_pgcrypto is 'What seals secrets: the extension pgcrypto.';
    create extension pgcrypto schema iasql_pgcrypto;
    revoke all on all functions in schema iasql_pgcrypto from public;
  end if;
  select extnamespace::regnamespace::text into place from pg_catalog.pg_extension where extname = 'pgcrypto';
  execute format('grant usage on schema %s to :"owner"', place);
  execute format('grant execute on function %s.pgp_pub_encrypt_bytea(bytea, bytea, text) to :"owner"', place);
exception when undefined_file or feature_not_supported or insufficient_privilege then
  raise notice 'secrets can''t be written here, for nothing seals them: %', sqlerrm;
end
$$;
