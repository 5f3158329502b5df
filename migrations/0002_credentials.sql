-- Whose cloud account a database is about. Only references: a key never stands in any of our tables.

create table control.credential (
  database text primary key references control.database (name) on delete cascade on update cascade,
  profile text,
  role_arn text,
  external_id text,
  secret text,
  secret_region text,
  constraint credentials_come_from_one_place check (num_nonnulls(profile, role_arn, secret) = 1),
  constraint only_a_role_has_an_external_id check (external_id is null or role_arn is not null),
  constraint only_a_secret_has_a_region check (secret_region is null or secret is not null)
);
comment on table control.credential is 'Where the engine finds a database''s credentials. No row: AWS'' default chain.';
comment on column control.credential.database is 'The database.';
comment on column control.credential.profile is 'A profile in the engine''s own AWS configuration.';
comment on column control.credential.role_arn is 'A role to assume with the engine''s own credentials.';
comment on column control.credential.external_id is 'What the role''s owner wants to hear from us.';
comment on column control.credential.secret is 'The name or ARN of a Secrets Manager secret: {"access_key_id", "secret_access_key", "session_token"?, "role_arn"?}.';
comment on column control.credential.secret_region is 'The region of that secret. Null: the database''s.';
