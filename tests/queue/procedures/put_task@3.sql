-- description: Puts a task behind all others and tells its number.
-- service: api
-- mode: write
create or replace function queue.put_task(kind text, payload jsonb)
returns bigint
language sql as $$
  with put as (
    insert into queue.task (kind) values (put_task.kind) returning id
  )
  insert into queue.payload (task, payload) select p.id, put_task.payload from put as p returning task
$$;
