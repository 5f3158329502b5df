-- description: Has gateways be known no longer on a machine of a user's database.
-- service: reconciler
-- mode: write
create or replace function control.served_machine_remove(database text, machine text) returns void
language sql as $$
  delete from control.served_machine as m
  where m.machine = served_machine_remove.machine and m.database = served_machine_remove.database
$$;
