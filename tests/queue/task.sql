-- What is to be done.
create table queue.task (
  id bigint generated always as identity primary key,
  kind text not null,
  payload jsonb not null,
  state text not null default 'waiting',
  worker text,
  taken_until timestamptz,
  result jsonb,
  attempts integer not null default 0,
  put_at timestamptz not null default now(),
  constraint a_task_is_waiting_taken_or_done check (state in ('waiting', 'taken', 'done')),
  constraint a_taken_task_has_a_worker_and_an_end check (state <> 'taken' or worker is not null and taken_until is not null)
);
comment on table queue.task is 'Something to be done.';
comment on column queue.task.id is 'Its number, in the order in which tasks were put.';
comment on column queue.task.kind is 'What sort of work it is; workers know what that means.';
comment on column queue.task.payload is 'What the work is about.';
comment on column queue.task.state is 'waiting, taken or done.';
comment on column queue.task.worker is 'Who took it last.';
comment on column queue.task.taken_until is 'When it is given back if it is not done by then.';
comment on column queue.task.result is 'What came of it.';
comment on column queue.task.attempts is 'How often it was taken.';
comment on column queue.task.put_at is 'When it was put.';

create index task_waiting on queue.task (id) where state = 'waiting';
