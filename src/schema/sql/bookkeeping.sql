create schema schema_versions authorization :"owner";
comment on schema schema_versions is 'Which version of which schema is in this database. Written by the schema library alone.';

create table schema_versions.installed (
  name text primary key,
  version integer not null,
  upgraded_at timestamptz not null default now(),
  constraint a_version_counts_from_0 check (version >= 0)
);
comment on table schema_versions.installed is 'The version of each schema. Whoever changes a version holds its row, so two at once take turns.';
comment on column schema_versions.installed.name is 'The name of the Postgres schema.';
comment on column schema_versions.installed.version is 'Its version.';
comment on column schema_versions.installed.upgraded_at is 'When it came to this version, up or down.';

create table schema_versions.online (
  name text not null references schema_versions.installed on delete cascade,
  version integer not null,
  position integer not null,
  migration text not null,
  cursor text,
  rows bigint not null default 0,
  done boolean not null default false,
  primary key (name, version, position)
);
comment on table schema_versions.online is 'How far the migrations are that run batch by batch after a version.';
comment on column schema_versions.online.name is 'The name of the Postgres schema.';
comment on column schema_versions.online.version is 'The version that brought the migration.';
comment on column schema_versions.online.position is 'Its place among those of the version.';
comment on column schema_versions.online.migration is 'The function that does a batch, in that schema.';
comment on column schema_versions.online.cursor is 'Where the next batch begins, in the words of the function; null at the start.';
comment on column schema_versions.online.rows is 'How many rows are done.';
comment on column schema_versions.online.done is 'Whether nothing is left.';

create function schema_versions.version_of(name text)
returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select i.version from schema_versions.installed as i where i.name = version_of.name), 0)
$$;
comment on function schema_versions.version_of(text) is 'Tells the version of a schema; 0 where it is not there.';

alter table schema_versions.installed owner to :"owner";
alter table schema_versions.online owner to :"owner";
alter function schema_versions.version_of(text) owner to :"owner";
