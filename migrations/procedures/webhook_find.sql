-- description: The webhook of a database, and how its deliveries go.
-- service: http
-- mode: read
-- optional: delivered_at, status, error
create or replace function control.webhook_find(database text)
returns table (url text, events text[], is_private boolean, made_at timestamptz, waiting bigint, given_up bigint, delivered_at timestamptz, status integer, error text)
language sql stable as $$
  select
    w.url, w.events, w.is_private, w.made_at,
    (select count(*) from control.delivery as d where d.database = w.database and d.try_at is not null),
    (select count(*) from control.delivery as d where d.database = w.database and d.given_up_at is not null),
    (select max(d.delivered_at) from control.delivery as d where d.database = w.database),
    l.status, l.error
  from control.webhook as w
  left join lateral (select d.status, d.error from control.delivery as d where d.database = w.database and d.tries > 0 order by d.made_at desc limit 1) as l on true
  where w.database = webhook_find.database
$$;
