-- description: Puts a task behind all others and tells its number.
-- service: api
-- mode: write
create or replace function queue.put_task(kind text, payload jsonb)
returns bigint
language sql as $$
  insert into queue.task (kind, payload) values (put_task.kind, put_task.payload) returning id
$$;
