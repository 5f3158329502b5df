-- description: The pins on what is served for the rows of a user's database.
-- service: reconciler
-- mode: read
-- optional: number
create or replace function control.served_pins_of(database text)
returns table (pin uuid, id uuid, domain text, label text, name text, owner text, number bigint, state text)
language sql stable as $$
  select p.id, s.id, s.domain, s.label, p.name, p.owner, p.number, p.state
  from control.served as s
  join control.served_pin as p on p.served = s.id
  where s.database = served_pins_of.database and s.gone_at is null and p.gone_at is null
  order by s.domain, s.label, p.name
$$;
