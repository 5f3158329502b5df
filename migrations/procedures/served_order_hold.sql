-- description: Gives a gateway what it is ordering for so many seconds more. False: it is that gateway's no longer.
-- service: gateway
-- mode: write
create or replace function control.served_order_hold(domain text, holder uuid, seconds double precision) returns boolean
language plpgsql as $$
begin
  update control.served_order as o
  set held_until = clock_timestamp() + make_interval(secs => served_order_hold.seconds)
  where o.domain = served_order_hold.domain and o.held_by = served_order_hold.holder and o.held_until > clock_timestamp();
  return found;
end
$$;
