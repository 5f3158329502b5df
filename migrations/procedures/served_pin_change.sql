-- description: Whose row a pin is. One that could not be carried out is tried again.
-- service: reconciler
-- mode: write
create or replace function control.served_pin_change(pin uuid, owner text) returns void
language sql as $$
  update control.served_pin as p
  set owner = served_pin_change.owner, state = case when p.state = 'pinned' then p.state else 'wanted' end
  where p.id = served_pin_change.pin and p.gone_at is null
$$;
