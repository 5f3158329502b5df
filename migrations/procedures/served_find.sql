-- description: The database that the gateway serves under a name. No row: there is none.
-- service: gateway
-- mode: read
-- optional: durability_seconds, location, size_bytes, machine, machine_sealed, fly_of, fly_organization, fly_sealed, branch_of, branch_label, branch_version, replica_of, replica_label
create or replace function control.served_find(domain text, label text)
returns table (
  id uuid, role text, verifier text, idle_seconds integer, size_limit_bytes bigint,
  durability text, durability_seconds integer, location text, hold boolean, size_bytes bigint, engine text, machine text, machine_sealed text,
  fly_of text, fly_organization text, fly_sealed text,
  branch_of uuid, branch_label text, branch_version bigint, replica_of uuid, replica_label text
)
language sql stable as $$
  select s.id, s.role, s.verifier, s.idle_seconds, s.size_limit_bytes,
         s.durability, s.durability_seconds, s.location, s.hold, s.size_bytes, s.engine, s.machine, m.sealed,
         f.database, f.organization, f.sealed,
         s.branch_of, s.branch_label, s.branch_version, r.id, s.replica_of
  from control.served as s
  left join control.served_machine as m on m.machine = s.machine and m.database = s.database
  -- the machine is of its organization
  left join control.fly_account as f on f.database = m.database
  -- whoever has that name by now
  left join control.served as r
    on r.domain = s.domain and r.database is not distinct from s.database and r.label = s.replica_of and r.gone_at is null
      and r.role = s.role and r.engine = s.engine and r.replica_of is null
  where s.domain = served_find.domain and s.label = served_find.label and s.gone_at is null
$$;
