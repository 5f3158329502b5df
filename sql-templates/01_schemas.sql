-- What every user's database starts with: the settings, and what the engine keeps about its own work.
-- Runs as the database's owner role, which owns all of it.

-- Nobody may call anything here unless it is said so: iasql.admit.
alter default privileges revoke execute on functions from public;

create schema iasql;
comment on schema iasql is 'The plan, the procedures, and what the engine did.';

create schema observed;
comment on schema observed is 'The cloud as it was last seen. The engine fills it; everybody else reads it.';

create function iasql.is_region(region text) returns boolean
language sql immutable as $$
  select region ~ '^[a-z]{2}(-[a-z]+)+-[0-9]+$'
$$;
comment on function iasql.is_region is 'Whether a text is spelt as AWS spells its regions: us-east-1, us-gov-west-1.';

create table iasql.setting (
  name  text primary key,
  value text,
  constraint a_setting_has_a_known_name check (name in (
    'database', 'tenant', 'default_region', 'regions', 'mode', 'unknown_resources', 'max_deletes', 'list_delay_seconds')),
  constraint mode_is_manual_or_on_commit check (name <> 'mode' or value in ('manual', 'on_commit')),
  constraint unknown_resources_are_shown_or_deleted check (name <> 'unknown_resources' or value in ('show', 'delete')),
  constraint a_default_region_is_spelt_like_us_east_1 check (name <> 'default_region' or iasql.is_region(value)),
  constraint regions_are_spelt_like_us_east_1_with_commas_in_between
    check (name <> 'regions' or value ~ '^([a-z]{2}(-[a-z]+)+-[0-9]+( *, *[a-z]{2}(-[a-z]+)+-[0-9]+)*)?$'),
  constraint numbers_are_numbers check (name not in ('max_deletes', 'list_delay_seconds') or value ~ '^[0-9]{1,9}$')
);
comment on table iasql.setting is 'How this database behaves. Change it with iasql.set(name, value).';
comment on column iasql.setting.name is 'The setting.';
comment on column iasql.setting.value is 'Its value, as text.';

insert into iasql.setting (name, value) values
  ('database', current_database()), ('tenant', null), ('default_region', 'us-east-1'), ('regions', ''), ('mode', 'manual'),
  ('unknown_resources', 'show'), ('max_deletes', '1000'), ('list_delay_seconds', '10');

create function iasql.setting(name text) returns text
language sql stable as $$
  select s.value from iasql.setting s where s.name = setting.name
$$;
comment on function iasql.setting is 'The value of one setting.';

create function iasql.default_region() returns text
language sql stable as $$
  select s.value from iasql.setting s where s.name = 'default_region'
$$;
comment on function iasql.default_region is 'The region of a row that names none.';

create function iasql.are_tags(tags jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(tags) = 'object' and not jsonb_path_exists(tags, '$.* ? (@.type() != "string")')
     and not exists (select from jsonb_object_keys(case when jsonb_typeof(tags) = 'object' then tags end) k
                     where k = 'Name' or k like 'aws:%' or k like 'iasql:%')
$$;
comment on function iasql.are_tags is 'Whether a value is an object of texts without the keys that are kept: Name (a column of its own), aws:… and iasql:….';

create table iasql.module (
  name         text primary key,
  installed_at timestamptz not null default clock_timestamp()
);
comment on table iasql.module is 'The modules that are installed here: a service each.';
comment on column iasql.module.name is 'The service, which is also the name of its schema.';
comment on column iasql.module.installed_at is 'When it was installed.';

create table iasql.resource (
  name     text primary key,
  position integer not null generated always as identity,
  part_of  text references iasql.resource (name),
  creates_first boolean not null default false
);
comment on table iasql.resource is 'Every registered table: a resource type, or a list that belongs to one.';
comment on column iasql.resource.name is 'The table, qualified.';
comment on column iasql.resource.position is 'The order in which they were registered: parents first.';
comment on column iasql.resource.creates_first is 'Whether a replacement is made before the old one goes, even where nothing in the plan needs that.';
comment on column iasql.resource.part_of is 'For a list: the resource type whose field it is.';

create table iasql.fence (
  counter bigint not null
);
comment on table iasql.fence is 'One row: the newest lease under which an engine wrote here. Whoever holds an older one is refused.';
comment on column iasql.fence.counter is 'The lease''s counter; it only grows.';
insert into iasql.fence (counter) values (0);

create table iasql.listing (
  resource  text        not null,
  region    text        not null,
  listed_at timestamptz,
  blind     text,
  primary key (resource, region)
);
comment on table iasql.listing is 'When each resource type was last read, region by region. What could not be read is blind, and no plan is made for it.';
comment on column iasql.listing.resource is 'The resource type.';
comment on column iasql.listing.region is 'The region; empty for a service without regions.';
comment on column iasql.listing.listed_at is 'When it was last read whole.';
comment on column iasql.listing.blind is 'Why it could not be read the last time; NULL when it could.';

create table iasql.run (
  id         uuid        primary key,
  kind       text        not null,
  asked_by   text        not null,
  state      text        not null default 'running',
  started_at timestamptz not null default clock_timestamp(),
  ended_at   timestamptz,
  counter    bigint      not null,
  applied    integer     not null default 0,
  failed     integer     not null default 0,
  said       text,
  constraint a_run_is_one_of_four_kinds check (kind in ('refresh', 'plan', 'apply', 'check')),
  constraint a_run_is_running_or_ended check (state in ('running', 'done', 'waiting', 'failed', 'refused', 'lost'))
);
comment on table iasql.run is 'What the engine was asked to do, and how it ended.';
comment on column iasql.run.id is 'The run''s id, the same as in /runs/<id>.';
comment on column iasql.run.kind is 'refresh, plan, apply or check.';
comment on column iasql.run.asked_by is 'Who or what asked for it.';
comment on column iasql.run.state is 'running; done; waiting for something slow, to be gone on with; failed in part; refused before anything was changed; lost with its engine.';
comment on column iasql.run.started_at is 'When it began.';
comment on column iasql.run.ended_at is 'When it ended.';
comment on column iasql.run.counter is 'The lease under which it ran.';
comment on column iasql.run.applied is 'How many steps were carried out.';
comment on column iasql.run.failed is 'How many steps failed.';
comment on column iasql.run.said is 'What there is to say about its end.';

create table iasql.change (
  id         bigint      primary key generated always as identity,
  run        uuid        not null references iasql.run (id),
  resource   text        not null,
  region     text,
  name       text        not null,
  row_id     uuid,
  action     text        not null,
  state      text        not null default 'intent',
  started_at timestamptz not null default clock_timestamp(),
  ended_at   timestamptz,
  error      text,
  token      uuid        not null default gen_random_uuid(),
  constraint a_change_is_an_intent_until_it_is_done_or_failed check (state in ('intent', 'done', 'failed', 'unanswered'))
);
create index change_by_run on iasql.change (run);
create index change_unanswered on iasql.change (row_id) where state in ('intent', 'unanswered');
comment on table iasql.change is 'Every call that changes the cloud: committed as an intent before it is made, with its outcome afterwards.';
comment on column iasql.change.id is 'Counts up.';
comment on column iasql.change.run is 'The run it was made in.';
comment on column iasql.change.resource is 'The resource type.';
comment on column iasql.change.region is 'The region, where there is one.';
comment on column iasql.change.name is 'The row''s key as text.';
comment on column iasql.change.row_id is 'The desired row.';
comment on column iasql.change.action is 'create, adopt, update or delete; a replacement is two of them.';
comment on column iasql.change.state is 'intent before the call; done or failed after it; unanswered where nobody knows.';
comment on column iasql.change.started_at is 'When the call was about to be made.';
comment on column iasql.change.ended_at is 'When its outcome was known.';
comment on column iasql.change.error is 'What the cloud said.';
comment on column iasql.change.token is 'The client token of the call, where the cloud takes one.';

create table iasql.request (
  id       bigint      primary key generated always as identity,
  kind     text        not null,
  asked_by text        not null,
  asked_at timestamptz not null default clock_timestamp(),
  run      uuid,
  said     text
);
comment on table iasql.request is 'What was asked for from inside this database. A NOTIFY wakes the engine; this row says what for.';
comment on column iasql.request.id is 'Counts up.';
comment on column iasql.request.kind is 'refresh, plan, apply or check.';
comment on column iasql.request.asked_by is 'The login that asked.';
comment on column iasql.request.asked_at is 'When.';
comment on column iasql.request.run is 'The run that answers it, once an engine has taken it.';
comment on column iasql.request.said is 'Why no run answers it, where none does.';

create table iasql.history (
  id        bigint      primary key generated always as identity,
  at        timestamptz not null default clock_timestamp(),
  txid      xid8        not null default pg_current_xact_id(),
  who       text        not null default session_user,
  resource  text        not null,
  row_id    uuid,
  operation text        not null,
  was       jsonb,
  became    jsonb
);
create index history_by_row on iasql.history (row_id, id);
comment on table iasql.history is 'Every change of a desired row. Secrets stand here as three stars.';
comment on column iasql.history.id is 'Counts up.';
comment on column iasql.history.at is 'When the statement ran (not when its transaction began).';
comment on column iasql.history.txid is 'The transaction.';
comment on column iasql.history.who is 'The login.';
comment on column iasql.history.resource is 'The resource type.';
comment on column iasql.history.row_id is 'The row; NULL for a row of a list.';
comment on column iasql.history.operation is 'insert, update or delete.';
comment on column iasql.history.was is 'The row before.';
comment on column iasql.history.became is 'The row after.';

create sequence iasql.observed_id;
comment on sequence iasql.observed_id is 'Numbers the observed rows of all types, so that one number means one thing.';
