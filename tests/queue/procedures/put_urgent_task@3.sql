-- description: Puts a task before all those of a lower priority and tells its number.
-- service: api
-- mode: write
create or replace function queue.put_urgent_task(kind text, payload jsonb, priority integer default 1)
returns bigint
language sql as $$
  with put as (
    insert into queue.task (kind, priority) values (put_urgent_task.kind, put_urgent_task.priority) returning id
  )
  insert into queue.payload (task, payload) select p.id, put_urgent_task.payload from put as p returning task
$$;
