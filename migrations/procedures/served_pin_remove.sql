-- description: Has a version be kept no longer for this pin.
-- service: reconciler
-- mode: write
create or replace function control.served_pin_remove(pin uuid) returns void
language sql as $$
  update control.served_pin as p set gone_at = clock_timestamp() where p.id = served_pin_remove.pin and p.gone_at is null
$$;
