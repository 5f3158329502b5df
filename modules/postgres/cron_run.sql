-- A run of a job of a cluster.

create table postgres.cron_run (
  cluster        text   not null,
  run_id         bigint not null,
  job            text,
  database       text,
  command        text,
  status         text,
  return_message text,
  started_at     timestamptz,
  ended_at       timestamptz,
  primary key (cluster, run_id)
);

comment on table postgres.cron_run is 'A run of a job. It can only be referred to: the last hundred of each cluster stand in observed.postgres_cron_run, as of the last check or refresh.';
comment on column postgres.cron_run.cluster is '@immutable The cluster, by its name.';
comment on column postgres.cron_run.run_id is '@immutable Its number: later ones are higher.';
comment on column postgres.cron_run.job is '@cloud The job, by its name. NULL: it has none, or is there no longer.';
comment on column postgres.cron_run.database is '@cloud In which database.';
comment on column postgres.cron_run.command is '@cloud The SQL that was run.';
comment on column postgres.cron_run.status is '@cloud starting, running, sending, connecting, succeeded or failed.';
comment on column postgres.cron_run.return_message is '@cloud What Postgres said to it.';
comment on column postgres.cron_run.started_at is '@cloud When it began.';
comment on column postgres.cron_run.ended_at is '@cloud When it ended.';

select iasql.register('postgres.cron_run');

alter table postgres.cron_run
  alter column reference_only set default true,
  add constraint a_run_can_only_be_referred_to check (reference_only);
