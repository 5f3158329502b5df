-- Which write of a secret's value a password is: followed by itself, for instances and clusters alike.

create function rds.follow_password_secret() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.password_secret_version := (select secret.value_version from secretsmanager.secret secret where secret.region = new.region and secret.name = new.password_secret);
  return new;
end
$$;
comment on function rds.follow_password_secret is 'Notes which write of a secret''s value a password is.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('rds');
