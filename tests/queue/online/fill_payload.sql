-- Moves what old tasks carry into queue.payload, in the order of their numbers.
create or replace function queue.fill_payload(cursor text, size integer)
returns table (rows bigint, next text)
language sql as $$
  with batch as (
    select t.id, t.payload
    from queue.task as t
    where t.id > coalesce(fill_payload.cursor, '0')::bigint and t.payload is not null
    order by t.id
    limit fill_payload.size
    for update
  ), moved as (
    insert into queue.payload (task, payload)
    select b.id, b.payload from batch as b
    returning task
  ), emptied as (
    update queue.task as t set payload = null
    from moved as m
    where t.id = m.task
    returning t.id
  )
  select count(*), max(e.id)::text from emptied as e
$$;
comment on function queue.fill_payload(text, integer) is 'Moves the payload of some tasks into a table of its own.';
