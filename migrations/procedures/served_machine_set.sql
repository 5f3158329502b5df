-- description: Has gateways be known on a machine by a key. Nothing sealed leaves that as it is, and changes whose row it is. False: somebody else has the machine.
-- service: reconciler
-- mode: write
-- optional: sealed, sealed_with
create or replace function control.served_machine_set(
  database text, owner text, machine text, version uuid, sealed text, sealed_with text
)
returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  if served_machine_set.sealed is null then
    update control.served_machine as m set owner = served_machine_set.owner
    where m.machine = served_machine_set.machine and m.database = served_machine_set.database;
    return found;
  end if;
  insert into control.served_machine (machine, database, owner, version, sealed, sealed_with)
  values (
    served_machine_set.machine, served_machine_set.database, served_machine_set.owner, served_machine_set.version,
    served_machine_set.sealed, served_machine_set.sealed_with
  )
  on conflict (machine) do update
  set owner = excluded.owner, version = excluded.version, sealed = excluded.sealed, sealed_with = excluded.sealed_with,
      changed_at = clock_timestamp()
  where served_machine.database = excluded.database;
  return found;
end
$$;
