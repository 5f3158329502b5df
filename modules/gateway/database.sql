-- A database that the gateway serves: reached by its name, asleep until somebody calls.

create table gateway.database (
  name               text    not null,
  domain             text    not null default 'db.localhost' references gateway.domain (name) on update cascade,
  role               text    not null default 'app',
  engine             text    not null default 'postgres',
  machine            text references gateway.machine (name) on update cascade,
  branch_of          text,
  branch_version     bigint,
  replica_of         text,
  password           text,
  password_version   uuid,
  idle_seconds       integer,
  size_limit_bytes   bigint,
  durability         text,
  durability_seconds integer,
  location           text,
  hold               boolean,
  host               text,
  size_bytes         bigint,
  database_id        text,
  primary key (domain, name),
  constraint a_database_name_has_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_role_is_a_name_that_postgres_gives_to_users
    check (length(role) between 1 and 63 and role ~ '^[a-z_][a-z0-9_]*$' and not starts_with(role, 'pg_') and role not in ('postgres', 'public', 'none', 'template0', 'template1')),
  constraint what_a_machine_runs_is_no_branch_and_names_no_location
    check (machine is null or num_nonnulls(branch_of, location) = 0),
  constraint a_database_is_no_branch_of_itself
    check (branch_of <> name),
  constraint a_branch_is_of_a_name_that_a_database_can_have
    check (branch_of ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_branch_version_is_a_number_from_1_on_of_a_branch
    check (branch_version >= 1 and branch_of is not null or branch_version is null),
  constraint a_database_is_no_replica_of_itself
    check (replica_of <> name),
  constraint a_replica_is_of_a_name_that_a_database_can_have
    check (replica_of ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_replica_is_no_branch
    check (num_nonnulls(replica_of, branch_of) <= 1),
  constraint a_replica_is_of_engine_postgres
    check (replica_of is null or engine = 'postgres'),
  constraint a_replica_has_no_durability_and_no_size_limit_of_its_own
    check (replica_of is null or num_nonnulls(durability, size_limit_bytes) = 0),
  constraint a_password_has_at_least_8_characters
    check (length(password) >= 8),
  constraint an_idle_time_is_0_to_86400_seconds
    check (idle_seconds between 0 and 86400),
  constraint a_size_limit_is_at_least_16_megabytes
    check (size_limit_bytes >= 16777216),
  constraint durability_is_pause_interval_or_sync
    check (durability in ('pause', 'interval', 'sync')),
  constraint an_interval_is_1_to_3600_seconds_of_durability_interval
    check (durability_seconds between 1 and 3600 and durability = 'interval' and durability is not null or durability_seconds is null),
  constraint a_location_is_a_word_in_small_letters
    check (location ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint an_engine_is_postgres_pglite_or_orioledb
    check (engine in ('postgres', 'pglite', 'orioledb')),
  constraint a_pglite_is_stored_when_it_pauses
    check (engine <> 'pglite' or durability is null or durability = 'pause'),
  constraint a_pglite_has_one_session_and_keeps_it
    check (engine <> 'pglite' or hold is not true),
  constraint an_orioledb_has_a_machine_of_its_own
    check (engine <> 'orioledb' or machine is not null),
  constraint an_orioledb_is_in_its_bucket_when_it_pauses
    check (engine <> 'orioledb' or durability is null or durability = 'pause')
);

comment on table gateway.database is '@data A database that the gateway serves: reached as <name>.<domain>, asleep until somebody calls. Its files are kept for a while after its row is deleted.';
comment on column gateway.database.name is '@immutable Its name below the domain: 12345.';
comment on column gateway.database.domain is '@immutable The domain below which it is. db.localhost needs no row of gateway.domain before: it gets one.';
comment on column gateway.database.role is '@immutable The login that is made with it, which owns a database of its own name.';
comment on column gateway.database.engine is '@immutable By what it is run: postgres; pglite, which is a PostgreSQL in WebAssembly that keeps the files of a browser''s PGlite as they are: one session at a time, no roles, no replication, durability pause, and the gateway needs Node.js for it; or orioledb, a patched PostgreSQL whose tables lie in the bucket and are fetched page by page, which wants a machine of its own with the image orioledb, and durability pause: what it commits is in the bucket after a minute at most.';
comment on column gateway.database.machine is '@immutable The Fly machine that runs it and nothing else: an iasql instance there, which the gateway starts when somebody calls and which stops when the database has fallen asleep. Its files go into the bucket that the instance has. NULL: gateways and nodes run it.';
comment on column gateway.database.branch_of is '@immutable The name of another database below the same domain, of the same owner, role and engine, with whose data it begins when it is first called. It shares what lies in the bucket and is one of its own from then on; the other one may be deleted. NULL: it begins empty.';
comment on column gateway.database.branch_version is '@immutable Which version of that one, as in observed.gateway_version. NULL: what that one has when this one is first called, where both are on one gateway, else what was stored of it last.';
comment on column gateway.database.replica_of is '@immutable The name of another database below the same domain, of the same owner and role and of engine postgres, whose data this one shows and does not change. It reads what that one has in the bucket, and goes on reading while it is awake: with durability sync and interval what is committed there, with pause what there was when that one last fell asleep. It does not wake that one, and can be no branch and have no pins, uploads and replicas of its own. NULL: it has its own data.';
comment on column gateway.database.password is '@secret The password of that login. Only what it can be checked by is kept (SCRAM-SHA-256). NULL: nobody can come in.';
comment on column gateway.database.password_version is '@version Another one at each write of password.';
comment on column gateway.database.idle_seconds is 'How long after its last session it falls asleep. NULL: as it is, at first after 300.';
comment on column gateway.database.size_limit_bytes is 'How large its tables and indexes may become. Above that sessions begin read-only, so that something can be deleted; one that is a tenth above and still grows is ended. NULL: as it is, at first a gigabyte.';
comment on column gateway.database.durability is 'When what it commits is safe in the bucket: pause (when it falls asleep), interval (every durability_seconds while it is awake) or sync (before the commit returns). NULL: as it is, at first pause.';
comment on column gateway.database.durability_seconds is 'How often, where durability is interval. NULL: as it is, at first 10.';
comment on column gateway.database.location is 'Which gateways run it: those that were started with this --location, and those without one. Changing it moves it when it next wakes. NULL: as it is, at first anywhere.';
comment on column gateway.database.hold is 'Whether the database may sleep while clients hold on to sessions that do nothing: the gateway keeps those, and opens a new one behind each when its client next says something. What a session had is lost then: prepared statements, SET, temporary tables, LISTEN, cursors, advisory locks. NULL: as it is, at first false.';
comment on column gateway.database.host is '@cloud The name to connect to: 12345.db.example.com.';
comment on column gateway.database.size_bytes is '@cloud How large its tables and indexes were when the gateway last looked.';
comment on column gateway.database.database_id is '@identity What its files are kept under.';

create function gateway.have_domain() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- so that the first database on one's own machine is a single row
  if new.domain = 'db.localhost' then
    insert into gateway.domain (name, shared) values (new.domain, true) on conflict (name) do nothing;
  end if;
  return new;
end
$$;
comment on function gateway.have_domain is 'Has a row of gateway.domain stand there for a database below db.localhost.';

create trigger have_domain before insert or update of domain on gateway.database
  for each row execute function gateway.have_domain();

create function gateway.keep_what_is_read() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  reader text := (
    select d.name
    from gateway.database as d
    where d.domain = old.domain and d.replica_of = old.name
    order by d.name
    limit 1);
begin
  if reader is not null and not exists (select from gateway.database as d where d.domain = old.domain and d.name = old.name) then
    raise exception 'the database % has the replica %, which has nothing without it', old.name, reader
      using errcode = 'foreign_key_violation', hint = 'Delete the replica first.';
  end if;
  return null;
end
$$;
comment on function gateway.keep_what_is_read is 'Refuses that a database goes, or takes another name, whose replicas stay.';

-- no foreign key: a replica's row says a name, and whoever has that name later is read
create trigger keep_what_is_read after delete or update of name, domain on gateway.database
  for each row execute function gateway.keep_what_is_read();

select iasql.register('gateway.database');
