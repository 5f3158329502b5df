-- description: Forgets a pin that was let go of.
-- service: gateway
-- mode: write
create or replace function control.served_pin_forget(pin uuid) returns void
language sql as $$
  delete from control.served_pin as p where p.id = served_pin_forget.pin and p.gone_at is not null
$$;
