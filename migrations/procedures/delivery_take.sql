-- description: Takes deliveries that are due; whoever takes one has so many seconds before it is due again.
-- service: scheduler
-- mode: write
create or replace function control.delivery_take(at_most bigint, seconds double precision)
returns table (id uuid, database text, url text, is_private boolean, salt uuid, event text, body text, tries integer, age double precision)
language sql as $$
  with due as (
    select d.id from control.delivery as d where d.try_at <= clock_timestamp() order by d.try_at limit delivery_take.at_most for update skip locked
  ), taken as (
    update control.delivery as d set try_at = clock_timestamp() + make_interval(secs => delivery_take.seconds), tries = d.tries + 1
    from due where d.id = due.id
    returning d.*
  )
  select
    t.id, t.database, w.url, w.is_private, w.salt, t.event, t.body, t.tries,
    extract(epoch from clock_timestamp() - t.made_at)::double precision
  from taken as t join control.webhook as w on w.database = t.database
  order by t.made_at, t.id
$$;
