-- description: Notes what came of a task; false where somebody else has it by now.
-- service: worker
-- mode: write
-- optional: outcome
create or replace function queue.finish_task(task bigint, worker text, outcome jsonb)
returns boolean
language sql as $$
  with done as (
    update queue.task as t set state = 'done', taken_until = null, result = finish_task.outcome
    where t.id = finish_task.task and t.state = 'taken' and t.worker = finish_task.worker
    returning t.id
  )
  select exists (select from done)
$$;
