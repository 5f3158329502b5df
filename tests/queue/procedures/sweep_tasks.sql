-- description: Gives back the tasks whose time is over, and tells their numbers.
-- service: janitor
-- mode: write
create or replace function queue.sweep_tasks()
returns setof bigint
language sql as $$
  update queue.task as t set state = 'waiting', taken_until = null
  where t.state = 'taken' and t.taken_until < now()
  returning t.id
$$;
