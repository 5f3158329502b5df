-- description: Tells what became of a task. No row: there is none of that number.
-- service: api
-- mode: read
-- optional: worker, result
create or replace function queue.task_state(task bigint)
returns table (state text, worker text, attempts integer, result jsonb)
language sql stable as $$
  select t.state, t.worker, t.attempts, t.result from queue.task as t where t.id = task_state.task
$$;
