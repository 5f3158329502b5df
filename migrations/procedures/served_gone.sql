-- description: The databases whose rows were deleted before so many seconds, and whose files may go.
-- service: gateway
-- mode: read
create or replace function control.served_gone(seconds double precision)
returns table (id uuid)
language sql stable as $$
  select s.id
  from control.served as s
  where s.gone_at < clock_timestamp() - make_interval(secs => served_gone.seconds)
  order by s.gone_at, s.id
$$;
