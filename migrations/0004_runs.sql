-- Which runs there are and in which database. What they did stands in that database.

create table control.run (
  id uuid primary key,
  database text not null references control.database (name) on delete cascade on update cascade,
  kind text not null constraint a_run_refreshes_plans_applies_or_checks check (kind in ('refresh', 'plan', 'apply', 'check')),
  state text not null default 'queued'
    constraint a_state_is_known check (state in ('queued', 'running', 'waiting', 'done', 'failed', 'refused', 'lost')),
  asked_by text not null,
  request bigint,
  counter bigint,
  asked_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  ended_at timestamptz,
  outcome jsonb,
  constraint a_request_makes_one_run unique (database, request),
  constraint what_has_ended_has_an_end check ((ended_at is not null) = (state in ('done', 'failed', 'refused', 'lost')))
);
comment on table control.run is 'A run that somebody asked for.';
comment on column control.run.id is 'Its name everywhere: here, in the queue, in the user''s database, in the HTTP interface.';
comment on column control.run.database is 'The database.';
comment on column control.run.kind is 'refresh, plan, apply or check (all three until nothing is left).';
comment on column control.run.state is 'queued, running, waiting (for something slow in the cloud), done, failed, refused (a guard did), lost (its engine died).';
comment on column control.run.asked_by is 'A person, "commit" or "schedule".';
comment on column control.run.request is 'The row of the database''s iasql.request that asked for it, if one did.';
comment on column control.run.counter is 'The lease''s counter when it last started: a later holder''s word counts, an earlier one''s does not. 0 before the start of a run that stands in no queue.';
comment on column control.run.asked_at is 'When it was asked for.';
comment on column control.run.started_at is 'When it first started.';
comment on column control.run.ended_at is 'When it ended.';
comment on column control.run.outcome is 'What came of it, as the engine says it.';

-- what has not started yet serves everybody who asks for the same before it does
create unique index a_queued_run_is_not_queued_twice on control.run (database, kind, asked_by) where state = 'queued' and counter is null;
comment on index control.a_queued_run_is_not_queued_twice is 'Asking twice before the start is asking once.';

create index runs_of_a_database on control.run (database, asked_at desc);
comment on index control.runs_of_a_database is 'The last runs of a database.';

create index runs_that_run on control.run (database) where state = 'running';
comment on index control.runs_that_run is 'What a dead engine left behind.';
