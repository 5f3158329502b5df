-- description: What is served for the rows of a user's database.
-- service: reconciler
-- mode: read
-- optional: durability_seconds, location, size_bytes, machine, branch_of, branch_version, replica_of
create or replace function control.served_of(database text)
returns table (
  id uuid, domain text, label text, owner text, role text, password_version uuid, idle_seconds integer, size_limit_bytes bigint,
  durability text, durability_seconds integer, location text, hold boolean, size_bytes bigint, engine text, machine text,
  branch_of text, branch_version bigint, replica_of text
)
language sql stable as $$
  select s.id, s.domain, s.label, s.owner, s.role, s.password_version, s.idle_seconds, s.size_limit_bytes,
         s.durability, s.durability_seconds, s.location, s.hold, s.size_bytes, s.engine, s.machine,
         s.branch_label, s.branch_version, s.replica_of
  from control.served as s
  where s.database = served_of.database and s.gone_at is null
  order by s.domain, s.label
$$;
