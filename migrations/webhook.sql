-- Whom to tell when something happens in a user's database, and what is to be told: an outbox, so that nothing is lost with an engine.

create table control.webhook (
  database text primary key references control.database (name) on delete cascade on update cascade,
  url text not null,
  events text[] not null,
  is_private boolean not null default false,
  salt uuid not null default gen_random_uuid(),
  made_at timestamptz not null default clock_timestamp(),
  constraint events_are_drift_and_run check (events <@ '{drift,run}' and cardinality(events) > 0)
);
comment on table control.webhook is 'Where a user''s database tells what happens in it.';
comment on column control.webhook.database is 'The database.';
comment on column control.webhook.url is 'Where to POST.';
comment on column control.webhook.events is 'What is told: drift that was found, runs that have ended.';
comment on column control.webhook.is_private is 'Whether an operator allowed addresses of private networks and of the engine''s own machine.';
comment on column control.webhook.salt is 'What the secret that signs is derived with, beside the engine''s key. The secret itself is kept nowhere.';
comment on column control.webhook.made_at is 'Since when.';

create table control.delivery (
  id uuid primary key default gen_random_uuid(),
  database text not null references control.webhook (database) on delete cascade on update cascade,
  event text not null constraint an_event_is_drift_a_run_or_a_test check (event in ('drift', 'run', 'test')),
  body text not null,
  made_at timestamptz not null default clock_timestamp(),
  try_at timestamptz default clock_timestamp(),
  tries integer not null default 0,
  status integer,
  error text,
  delivered_at timestamptz,
  given_up_at timestamptz,
  constraint what_is_over_is_not_tried check ((try_at is null) = (delivered_at is not null or given_up_at is not null))
);
comment on table control.delivery is 'What is told over webhooks: each at least once, with an id by which the receiver knows it again.';
comment on column control.delivery.id is 'Its webhook-id, the same at each try.';
comment on column control.delivery.database is 'The database that it is about.';
comment on column control.delivery.event is 'drift, run, or test.';
comment on column control.delivery.body is 'The JSON that is sent, and signed, byte by byte.';
comment on column control.delivery.made_at is 'When it happened.';
comment on column control.delivery.try_at is 'When it is tried next; NULL when it was delivered or given up. An engine that takes it sets it ahead, so that it comes back if that engine dies.';
comment on column control.delivery.tries is 'How often it was tried.';
comment on column control.delivery.status is 'What the receiver answered last.';
comment on column control.delivery.error is 'Why the last try failed.';
comment on column control.delivery.delivered_at is 'When the receiver took it.';
comment on column control.delivery.given_up_at is 'When it was given up, after a day.';

create index deliveries_to_try on control.delivery (try_at) where try_at is not null;
comment on index control.deliveries_to_try is 'What is due.';
create index deliveries_of_a_database on control.delivery (database, made_at desc);
comment on index control.deliveries_of_a_database is 'The last deliveries of a database.';

create index deliveries_that_are_over on control.delivery (made_at) where try_at is null;
comment on index control.deliveries_that_are_over is 'What is forgotten after two weeks.';

-- the end of a run and the word of it are written in one transaction
create function control.tell_run() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into control.delivery (database, event, body)
  select w.database, 'run', jsonb_build_object('type', 'run', 'timestamp', new.ended_at, 'data', jsonb_build_object(
           'database', new.database, 'run', new.id, 'kind', new.kind, 'state', new.state, 'asked_by', new.asked_by,
           'applied', coalesce(new.outcome -> 'applied', '0'), 'failed', coalesce(new.outcome -> 'failed', '0'), 'errors', coalesce(new.outcome -> 'errors', '[]')))::text
  from   control.webhook w where w.database = new.database and 'run' = any (w.events);
  return null;
end
$$;
comment on function control.tell_run() is 'Puts the end of a run into the outbox.';
revoke all on function control.tell_run() from public;

create trigger a_run_that_has_ended_is_told after update of ended_at on control.run
  for each row when (old.ended_at is null and new.ended_at is not null) execute function control.tell_run();
comment on trigger a_run_that_has_ended_is_told on control.run is 'Whoever has a webhook hears of it.';
