-- What a task carries, apart from what becomes of it.
create table queue.payload (
  task bigint primary key references queue.task on delete cascade,
  payload jsonb not null
);
comment on table queue.payload is 'What a task carries.';
comment on column queue.payload.task is 'The task.';
comment on column queue.payload.payload is 'What the work is about.';
