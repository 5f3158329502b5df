-- Where the databases of the users are. Their contents stand in themselves and never here.

create schema control;
comment on schema control is 'What the engine has to know before it can open a user''s database.';

create table control.shard (
  name text primary key,
  url text constraint a_shard_url_holds_no_password check (url !~ '://[^/@]*:[^/@]*@'),
  public_host text,
  public_port integer constraint a_port_is_between_1_and_65535 check (public_port between 1 and 65535),
  made_at timestamptz not null default clock_timestamp()
);
comment on table control.shard is 'A Postgres server that holds databases of users. A further one adds room.';
comment on column control.shard.name is 'What we call it. "home" is the server that this very database is on.';
comment on column control.shard.url is 'How an administrator reaches it, without the password (libpq''s password file has that). Null: as the metadata database is reached.';
comment on column control.shard.public_host is 'The host that users are told. Null: the one in the url.';
comment on column control.shard.public_port is 'The port that users are told. Null: the one in the url.';
comment on column control.shard.made_at is 'When it was added.';

insert into control.shard (name) values ('home');

create table control.database (
  name text primary key constraint a_name_is_a_short_lower_case_identifier check (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  shard text not null references control.shard (name),
  region text not null,
  modules text[] not null default '{}',
  mode text not null default 'manual' constraint a_mode_is_manual_or_on_commit check (mode in ('manual', 'on_commit')),
  ready boolean not null default false,
  made_at timestamptz not null default clock_timestamp(),
  active_at timestamptz not null default clock_timestamp()
);
comment on table control.database is 'A user''s database.';
comment on column control.database.name is 'Its name on its server, and that of the role which logs in to it.';
comment on column control.database.shard is 'The server it is on.';
comment on column control.database.region is 'The region that rows have which name none.';
comment on column control.database.modules is 'The modules it has, as last seen; the truth is in the database''s own iasql.module.';
comment on column control.database.mode is 'Whether a commit starts a check, as last seen; the truth is in the database''s own iasql.setting.';
comment on column control.database.ready is 'Set last: until then a setup was begun and never ended, and the next one repairs it.';
comment on column control.database.made_at is 'When it was first asked for.';
comment on column control.database.active_at is 'When somebody last asked for something in it; the lately active ones are listened to.';

create index databases_by_activity on control.database (active_at desc) where ready;
comment on index control.databases_by_activity is 'Which databases are worth a listening connection.';

create table control.setting (
  name text primary key,
  value text not null
);
comment on table control.setting is 'What an operator may turn for all engines at once.';
comment on column control.setting.name is 'listeners: databases that one engine listens to. poll_seconds: how often it looks into each of the others.';
comment on column control.setting.value is 'Its value, as text.';

insert into control.setting (name, value) values ('listeners', '100'), ('poll_seconds', '15');
