insert into control.credential (database, profile, role_arn, external_id, secret, secret_region)
values ($1, $2, $3, $4, $5, $6)
on conflict (database) do update set
  profile = excluded.profile, role_arn = excluded.role_arn, external_id = excluded.external_id,
  secret = excluded.secret, secret_region = excluded.secret_region
