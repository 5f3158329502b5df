-- When a database is checked by the clock.

create table control.schedule (
  database text primary key references control.database (name) on delete cascade on update cascade,
  cron text not null,
  next_at timestamptz not null
);
comment on table control.schedule is 'A database that is checked by the clock.';
comment on column control.schedule.database is 'The database.';
comment on column control.schedule.cron is 'Five Unix fields in UTC: minute, hour, day of month, month, day of week; or @hourly and the like.';
comment on column control.schedule.next_at is 'When the next check is due. What was missed while no engine ran is made up for once.';

create index schedules_by_time on control.schedule (next_at);
comment on index control.schedules_by_time is 'What is due.';
