-- description: Notes what became of a pin: on which version it is, or why it is not.
-- service: gateway
-- mode: write
-- optional: number
create or replace function control.served_pin_note(pin uuid, number bigint, state text) returns void
language sql as $$
  update control.served_pin as p
  set number = coalesce(served_pin_note.number, p.number), state = served_pin_note.state
  where p.id = served_pin_note.pin
    and (p.number, p.state) is distinct from (coalesce(served_pin_note.number, p.number), served_pin_note.state)
$$;
