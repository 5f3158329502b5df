-- description: Hands out some tasks that nobody works on, the most urgent first; each is given back when the seconds are over.
-- service: worker
-- mode: write
create or replace function queue.take_tasks(worker text, seconds integer, at_most integer)
returns table (id bigint, kind text, payload jsonb, taken_until timestamptz)
language sql as $$
  with next as (
    select t.id
    from queue.task as t
    where t.state = 'waiting'
    order by t.priority desc, t.id
    limit take_tasks.at_most
    for update skip locked
  )
  update queue.task as t
  set state = 'taken', worker = take_tasks.worker, taken_until = now() + make_interval(secs => take_tasks.seconds), attempts = t.attempts + 1
  from next as n
  join queue.payload as p on p.task = n.id
  where t.id = n.id
  returning t.id, t.kind, p.payload, t.taken_until
$$;
