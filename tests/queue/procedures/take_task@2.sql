-- description: Hands out the most urgent task that nobody works on; it is given back when the seconds are over. No row: none waits.
-- service: worker
-- mode: write
create or replace function queue.take_task(worker text, seconds integer)
returns table (id bigint, kind text, payload jsonb, taken_until timestamptz)
language sql as $$
  with next as (
    select t.id
    from queue.task as t
    where t.state = 'waiting'
    order by t.priority desc, t.id
    limit 1
    for update skip locked
  )
  update queue.task as t
  set state = 'taken', worker = take_task.worker, taken_until = now() + make_interval(secs => take_task.seconds), attempts = t.attempts + 1
  from next as n
  where t.id = n.id
  returning t.id, t.kind, t.payload, t.taken_until
$$;
