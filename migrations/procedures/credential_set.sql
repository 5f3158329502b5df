-- description: Says where the credentials of a database's account are: one of a profile, a role or a secret. Never what they are.
-- service: http
-- mode: write
-- optional: profile, role_arn, external_id, secret, secret_region
create or replace function control.credential_set(
  database text, profile text default null, role_arn text default null, external_id text default null,
  secret text default null, secret_region text default null
)
returns void
language sql as $$
  insert into control.credential as c (database, profile, role_arn, external_id, secret, secret_region)
  values (
    credential_set.database, credential_set.profile, credential_set.role_arn, credential_set.external_id,
    credential_set.secret, credential_set.secret_region
  )
  on conflict (database) do update set
    profile = excluded.profile, role_arn = excluded.role_arn, external_id = excluded.external_id,
    secret = excluded.secret, secret_region = excluded.secret_region
$$;
