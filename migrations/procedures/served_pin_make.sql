-- description: Has a version be kept; answers for the pin's id. No row: the database has another pin of that name, or is not this user's. What this very row made already is found again.
-- service: reconciler
-- mode: write
-- optional: number
create or replace function control.served_pin_make(database text, owner text, id uuid, name text, number bigint)
returns table (pin uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  insert into control.served_pin (served, name, owner, number)
  select s.id, served_pin_make.name, served_pin_make.owner, served_pin_make.number
  from control.served as s
  where s.id = served_pin_make.id and s.database = served_pin_make.database and s.gone_at is null
  on conflict (served, name) where gone_at is null do nothing;
  return query
  select p.id
  from control.served_pin as p
  where p.served = served_pin_make.id and p.name = served_pin_make.name and p.gone_at is null and p.owner = served_pin_make.owner;
end
$$;
