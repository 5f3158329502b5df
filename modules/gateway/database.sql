-- A database that the gateway serves: reached by its name, asleep until somebody calls.

create table gateway.database (
  name             text    not null,
  domain           text    not null default 'db.localhost',
  role             text    not null default 'app',
  password         text,
  password_version uuid,
  idle_seconds     integer,
  size_limit_bytes bigint,
  host             text,
  database_id      text,
  primary key (domain, name),
  constraint a_database_name_has_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_domain_is_a_host_name_in_small_letters
    check (length(domain) <= 189 and domain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'),
  constraint a_role_is_a_name_that_postgres_gives_to_users
    check (length(role) between 1 and 63 and role ~ '^[a-z_][a-z0-9_]*$' and not starts_with(role, 'pg_') and role <> 'postgres'),
  constraint a_password_has_at_least_8_characters
    check (length(password) >= 8),
  constraint an_idle_time_is_0_to_86400_seconds
    check (idle_seconds between 0 and 86400),
  constraint a_size_limit_is_at_least_16_megabytes
    check (size_limit_bytes >= 16777216)
);

comment on table gateway.database is '@data A database that the gateway serves: reached as <name>.<domain>, asleep until somebody calls. Its files are kept for a while after its row is deleted.';
comment on column gateway.database.name is '@immutable Its name below the domain: 12345.';
comment on column gateway.database.domain is '@immutable The gateway''s domain: db.example.com.';
comment on column gateway.database.role is '@immutable The login that is made with it, which owns a database of its own name.';
comment on column gateway.database.password is '@secret The password of that login. Only what it can be checked by is kept (SCRAM-SHA-256). NULL: nobody can come in.';
comment on column gateway.database.password_version is '@version Another one at each write of password.';
comment on column gateway.database.idle_seconds is 'How long after its last session it falls asleep. NULL: as it is, at first after 300.';
comment on column gateway.database.size_limit_bytes is 'How large it may become. NULL: as it is, at first a gigabyte.';
comment on column gateway.database.host is '@cloud The name to connect to: 12345.db.example.com.';
comment on column gateway.database.database_id is '@identity What its files are kept under.';

select iasql.register('gateway.database');
