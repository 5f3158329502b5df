-- Drift: what differs from the tables and was not done by whoever writes them, nor by the engine. Noted after each reading of the cloud.
--
-- A step of the plan that was not there the last time has one of three causes: a user wrote rows since then (iasql.history says which), the engine
-- changed something (iasql.change), or the cloud is not as it was. What the first two don't explain is drift. All that this compares with is
-- kept in the same commit as what it finds; so whatever an engine left when it died, the next one finds the same.

create table iasql.noted (
  looked_at        timestamptz not null,
  snapshot         pg_snapshot not null,
  last_transaction bigint      not null,
  last_change      bigint      not null,
  last_observed    bigint      not null,
  digest           text        not null
);
comment on table iasql.noted is 'One row: up to where what users and the engine did is accounted for, since the plan was last looked at.';
comment on column iasql.noted.looked_at is 'When that was.';
comment on column iasql.noted.snapshot is 'The transactions that were to be seen then.';
comment on column iasql.noted.last_transaction is 'The newest row of iasql.transaction then: another server would number transactions anew.';
comment on column iasql.noted.last_change is 'The newest row of iasql.change then.';
comment on column iasql.noted.last_observed is 'The newest observed thing then.';
comment on column iasql.noted.digest is 'The plan then, digested: where it is still the same there is nothing to look at.';

create table iasql.noted_step (
  resource text not null,
  row_id   uuid not null,
  field    text
);
comment on table iasql.noted_step is 'What differed then: it is no news.';
comment on column iasql.noted_step.resource is 'The resource type.';
comment on column iasql.noted_step.row_id is 'The desired row.';
comment on column iasql.noted_step.field is 'The column that differed; NULL where it was to be made, removed or waited for.';

create table iasql.noted_listing (
  resource text not null,
  region   text not null,
  primary key (resource, region)
);
comment on table iasql.noted_listing is 'The lists that had been read then. What is in a list that is read for the first time has not come just now.';
comment on column iasql.noted_listing.resource is 'The resource type.';
comment on column iasql.noted_listing.region is 'The region; empty for a service without regions.';

create table iasql.drifted (
  id            bigint      primary key generated always as identity,
  resource      text        not null,
  region        text,
  name          text        not null,
  row_id        uuid,
  observed_id   bigint,
  what          text        not null,
  changed       jsonb,
  run           uuid        not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at  timestamptz,
  ended_at      timestamptz,
  ended_how     text,
  told_at       timestamptz,
  constraint a_thing_has_changed_is_gone_or_has_appeared check (what in ('changed', 'gone', 'appeared'))
);
create index drifted_open on iasql.drifted (resource, row_id) where ended_at is null;
create index drifted_untold on iasql.drifted (id) where told_at is null;
comment on table iasql.drifted is 'What iasql.drift shows.';
comment on column iasql.drifted.id is 'Counts up.';
comment on column iasql.drifted.resource is 'The resource type.';
comment on column iasql.drifted.region is 'The region, where there is one.';
comment on column iasql.drifted.name is 'The row''s key as text, or what the thing is called in the cloud.';
comment on column iasql.drifted.row_id is 'The desired row; NULL for a thing that no row asks for.';
comment on column iasql.drifted.observed_id is 'The observed thing, where it is there.';
comment on column iasql.drifted.what is 'changed, gone, or appeared where no row asks for it.';
comment on column iasql.drifted.changed is 'For what changed: {column: [is, should be]}, secrets as three stars.';
comment on column iasql.drifted.run is 'The run that found it.';
comment on column iasql.drifted.first_seen_at is 'When it was found.';
comment on column iasql.drifted.last_seen_at is 'When it was last seen, once it has ended.';
comment on column iasql.drifted.ended_at is 'When it was seen no longer; NULL while it lasts.';
comment on column iasql.drifted.ended_how is 'How it ended.';
comment on column iasql.drifted.told_at is 'When the engine has taken it up for webhooks.';

create view iasql.drift as
select d.resource, d.region, d.name, d.row_id, d.what, d.changed, d.first_seen_at, coalesce(d.last_seen_at, n.looked_at) as last_seen_at, d.ended_at, d.ended_how, d.run
from   iasql.drifted d left join iasql.noted n on true;
comment on view iasql.drift is 'What somebody changed, removed or made in the cloud past the tables: a row for each thing, with what of it changed at once. NOTIFY iasql_drift tells of new rows.';
comment on column iasql.drift.resource is 'The resource type.';
comment on column iasql.drift.region is 'The region, where there is one.';
comment on column iasql.drift.name is 'The row''s key as text, or what the thing is called in the cloud.';
comment on column iasql.drift.row_id is 'The desired row; NULL for a thing that no row asks for.';
comment on column iasql.drift.what is 'changed, gone, or appeared where no row asks for it.';
comment on column iasql.drift.changed is 'For what changed: {column: [is, should be]}, secrets as three stars.';
comment on column iasql.drift.first_seen_at is 'When it was found.';
comment on column iasql.drift.last_seen_at is 'When it was last seen.';
comment on column iasql.drift.ended_at is 'When it was seen no longer; NULL while it lasts.';
comment on column iasql.drift.ended_how is 'How it ended: put back by a run, followed by the tables, or undone outside.';
comment on column iasql.drift.run is 'The run that found it.';

-- The plan as the engine read it.
create function iasql.steps_told(steps jsonb)
returns table (resource text, region text, name text, row_id uuid, observed_id bigint, action text, is_unasked boolean, changed jsonb, wants uuid[])
language sql stable set search_path = pg_catalog, pg_temp as $$
  select s.* from jsonb_to_recordset(steps) s (resource text, region text, name text, row_id uuid, observed_id bigint, action text, is_unasked boolean, changed jsonb, wants uuid[])
$$;
comment on function iasql.steps_told is 'The steps of a plan, from the text in which the engine tells them.';

-- What explains a step: written by somebody, changed by the engine, or known. Without a column it explains all of a row.
create function iasql.explained() returns table (resource text, row_id uuid, field text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  with recent as (
    select t.id, t.after_history from iasql.noted n join iasql.transaction t on t.id > n.last_transaction
    union
    select t.id, t.after_history from iasql.noted n join iasql.transaction t on t.txid >= pg_snapshot_xmin(n.snapshot) and not pg_visible_in_snapshot(t.txid, n.snapshot)
  ), wrote as materialized (
    select h.* from iasql.history h where h.id > (select min(r.after_history) from recent r) and h.transaction in (select r.id from recent r)
  )
  select w.resource, w.row_id, c.field
  from   wrote w
  join   iasql.resource r on r.name = w.resource and r.part_of is null
  left   join lateral (
           select case when f.is_version then regexp_replace(k.key, '_version$', '') else k.key end as field
           from   jsonb_each(w.became) k left join iasql.field f on f.resource = w.resource and f.field = k.key where k.value is distinct from w.was -> k.key
         ) c on w.operation = 'update'
  union
  select p.resource, w.row_id, p.list from wrote w join iasql.part p on p.part = w.resource
  union
  select c.resource, c.row_id, null from iasql.change c, iasql.noted n where c.row_id is not null and (c.id > n.last_change or c.state in ('intent', 'unanswered'))
  union
  select s.resource, s.row_id, s.field from iasql.noted_step s
$$;
comment on function iasql.explained is 'What users and the engine did since the plan was last looked at, and what differed then: by row and column.';
