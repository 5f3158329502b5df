-- A secret of an app: a variable of the environment of its machines, that nobody reads back.

create table fly.secret (
  app           text not null references fly.app (name) on update cascade,
  name          text not null,
  value         text,
  value_version uuid,
  digest        text,
  secret_id     text,
  primary key (app, name),
  constraint a_secret_is_named_as_a_variable_is
    check (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'),
  constraint a_secret_has_at_most_65536_bytes
    check (octet_length(value) <= 65536)
);

comment on table fly.secret is 'A secret of an app: a variable of the environment of its machines, that nobody reads back. Machines whose secrets are to be current are updated for it, which restarts them.';
comment on column fly.secret.app is '@immutable The app.';
comment on column fly.secret.name is '@immutable Its name, and that of the variable: DATABASE_URL.';
comment on column fly.secret.value is '@secret The value. NULL: as it is; a new one needs a value.';
comment on column fly.secret.value_version is '@version Another one at each write of value. Fly keeps none: the engine remembers it for as long as the digest is the same.';
comment on column fly.secret.digest is '@cloud @digest What Fly tells of the value: another value has another one.';
comment on column fly.secret.secret_id is '@identity Fly gives secrets no ids, so this is its app and its name: shop/DATABASE_URL.';

select iasql.register('fly.secret');
