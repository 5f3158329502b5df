-- description: The pins that a gateway has to set, or to let go of.
-- service: gateway
-- mode: read
-- optional: number
create or replace function control.served_pins_wanted()
returns table (pin uuid, id uuid, number bigint, is_gone boolean)
language sql stable as $$
  select p.id, p.served, p.number, p.gone_at is not null
  from control.served_pin as p
  join control.served as s on s.id = p.served
  where (p.state like 'wanted%' or p.gone_at is not null) and s.gone_at is null
  order by p.id
$$;
