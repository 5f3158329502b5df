-- description: The machines that the rows of a user's database name. What is sealed stays where it is.
-- service: reconciler
-- mode: read
create or replace function control.served_machines_of(database text)
returns table (machine text, owner text, version uuid, sealed_with text)
language sql stable as $$
  select m.machine, m.owner, m.version, m.sealed_with
  from control.served_machine as m
  where m.database = served_machines_of.database
  order by m.machine
$$;
