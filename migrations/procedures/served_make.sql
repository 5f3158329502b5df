-- description: Has a database be served from now on; answers for its id. No row: something else has that name, or the domain is not this user's. What this very row made already is found again.
-- service: reconciler
-- mode: write
-- optional: durability_seconds, location
create or replace function control.served_make(
  database text, owner text, domain text, label text, role text, verifier text, password_version uuid, idle_seconds integer, size_limit_bytes bigint,
  durability text, durability_seconds integer, location text, hold boolean
)
returns table (id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  insert into control.served (
    database, owner, domain, label, role, verifier, password_version, idle_seconds, size_limit_bytes, durability, durability_seconds, location, hold
  )
  select
    served_make.database, served_make.owner, served_make.domain, served_make.label, served_make.role, served_make.verifier,
    served_make.password_version, served_make.idle_seconds, served_make.size_limit_bytes,
    served_make.durability, served_make.durability_seconds, served_make.location, served_make.hold
  from control.served_domain as d
  where d.domain = served_make.domain and d.database = served_make.database
  on conflict (domain, label) where gone_at is null do nothing;
  return query
  select s.id
  from control.served as s
  where s.domain = served_make.domain and s.label = served_make.label and s.gone_at is null and s.owner = served_make.owner;
end
$$;
