-- description: Writes down how a try went: delivered without an error, else tried again after so many seconds, or given up where there are none.
-- service: scheduler
-- mode: write
-- optional: status, error, again_in
create or replace function control.delivery_end(id uuid, status integer default null, error text default null, again_in double precision default null)
returns void
language sql as $$
  update control.delivery as d set
    status = delivery_end.status, error = delivery_end.error,
    delivered_at = case when delivery_end.error is null then clock_timestamp() end,
    given_up_at = case when delivery_end.error is not null and delivery_end.again_in is null then clock_timestamp() end,
    try_at = case when delivery_end.error is not null then clock_timestamp() + make_interval(secs => delivery_end.again_in) end
  -- another engine may have delivered it meanwhile
  where d.id = delivery_end.id and d.try_at is not null;

  delete from control.delivery as d where d.id in (
    select o.id from control.delivery as o where o.try_at is null and o.made_at < clock_timestamp() - interval '14 days' limit 100)
$$;
