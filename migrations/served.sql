-- The databases that the gateway serves: who wants each, who may come in, and what it may use.

create table control.served (
  id uuid primary key default gen_random_uuid(),
  domain text not null,
  label text not null,
  database text references control.database (name) on delete set null on update cascade,
  owner text not null,
  role text not null,
  verifier text not null,
  password_version uuid not null,
  idle_seconds integer not null,
  size_limit_bytes bigint not null,
  durability text not null default 'pause',
  durability_seconds integer,
  location text,
  hold boolean not null default false,
  engine text not null default 'postgres',
  machine text,
  branch_of uuid,
  branch_label text,
  branch_version bigint,
  replica_of text,
  size_bytes bigint,
  made_at timestamptz not null default clock_timestamp(),
  gone_at timestamptz,
  constraint a_label_has_1_to_63_small_letters_digits_and_hyphens check (label ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_domain_is_in_small_letters check (domain = lower(domain) and domain <> ''),
  constraint an_idle_time_is_not_negative check (idle_seconds >= 0),
  constraint a_size_limit_is_positive check (size_limit_bytes > 0),
  constraint durability_is_pause_interval_or_sync check (durability in ('pause', 'interval', 'sync')),
  constraint an_engine_is_postgres_pglite_or_orioledb check (engine in ('postgres', 'pglite', 'orioledb')),
  constraint an_orioledb_has_a_machine_of_its_own check (engine <> 'orioledb' or machine is not null),
  constraint a_machine_is_an_app_and_a_machine_of_it check (machine like '%_/_%'),
  constraint a_branch_has_the_name_of_what_it_is_of check ((branch_of is null) = (branch_label is null)),
  constraint a_branch_version_is_a_number_of_a_branch check (branch_version >= 1 and branch_of is not null or branch_version is null),
  constraint a_replica_is_no_branch_and_of_engine_postgres check (replica_of is null or branch_of is null and engine = 'postgres'),
  constraint an_interval_has_its_seconds check ((durability = 'interval') = (durability_seconds is not null) and durability_seconds > 0)
);
comment on table control.served is 'A database that the gateway serves: rows of gateway.database, as the engine has carried them out.';
comment on column control.served.id is 'What its files are kept under: another database of the same name gets other files.';
comment on column control.served.domain is 'The gateway''s domain that it is reached below.';
comment on column control.served.label is 'Its name below that domain.';
comment on column control.served.database is 'The user''s database whose row it is. NULL: that was removed, and the data stays.';
comment on column control.served.owner is 'That row, as an ownership tag.';
comment on column control.served.role is 'The login that was made with it.';
comment on column control.served.verifier is 'What the gateway checks that login''s password by (SCRAM-SHA-256); the password is kept nowhere.';
comment on column control.served.password_version is 'Another one at each write of the password.';
comment on column control.served.idle_seconds is 'How long after the last session it falls asleep.';
comment on column control.served.size_limit_bytes is 'How large it may become.';
comment on column control.served.durability is 'When what it commits is in the bucket: pause (when it falls asleep), interval (every durability_seconds) or sync (before the commit returns).';
comment on column control.served.durability_seconds is 'How often, where durability is interval.';
comment on column control.served.location is 'Which gateways run it: those of this location, and those of none. NULL: all.';
comment on column control.served.hold is 'Whether the gateway keeps sessions that do nothing while the database sleeps.';
comment on column control.served.engine is 'By what it is run: postgres, pglite, in which a browser''s files are served as they are, or orioledb, whose tables lie in a bucket.';
comment on column control.served.machine is 'The Fly machine that runs it and nothing else, as <app>/<machine>: who is called starts it. NULL: gateways and nodes run it.';
comment on column control.served.branch_of is 'What the files are kept under that it begins with. They may be those of a database that is served no longer, or forgotten. NULL: it begins empty.';
comment on column control.served.branch_label is 'What that one''s name was.';
comment on column control.served.branch_version is 'Which version of that one. NULL: what that one has then, or what was stored of it last, when this one is first called.';
comment on column control.served.replica_of is 'The name of the database below the same domain, of the same user, whose files it only reads. NULL: it has its own.';
comment on column control.served.size_bytes is 'How large its tables and indexes were when a gateway last looked. NULL: none has.';
comment on column control.served.made_at is 'Since when.';
comment on column control.served.gone_at is 'When its row was deleted: its files go some time later.';

create unique index one_served_database_of_a_name on control.served (domain, label) where gone_at is null;
comment on index control.one_served_database_of_a_name is 'A name is free again when its database is gone.';
create index served_databases_of_a_user on control.served (database) where gone_at is null;
comment on index control.served_databases_of_a_user is 'What a user''s rows have made.';
