-- description: Tells a database's region and where the credentials of its cloud account are. No row: there is no database of that name.
-- service: reconciler
-- mode: write
-- optional: profile, role_arn, external_id, secret, secret_region
create or replace function control.database_account(database text)
returns table (region text, profile text, role_arn text, external_id text, secret text, secret_region text)
language sql stable as $$
  select d.region, c.profile, c.role_arn, c.external_id, c.secret, c.secret_region
  from control.database as d
  left join control.credential as c on c.database = d.name
  where d.name = database_account.database
$$;
