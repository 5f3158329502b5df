-- description: Notes why an order came to nothing, and has it tried again after so many seconds. What is shown goes on being shown.
-- service: gateway
-- mode: write
create or replace function control.served_order_fail(domain text, holder uuid, state text, seconds double precision) returns void
language sql as $$
  update control.served_order as o
  set state = served_order_fail.state, failures = o.failures + 1, answers = '{}', held_by = null, held_until = null,
      not_until = clock_timestamp() + make_interval(secs => served_order_fail.seconds)
  where o.domain = served_order_fail.domain and o.held_by = served_order_fail.holder
$$;
