-- description: Has a database be served from now on; answers for its id. No row: something else has that name, the domain is not this user's, or none of this user's of that role and engine that is no replica has the name that it is to be a branch or a replica of. What this very row made already is found again.
-- service: reconciler
-- mode: write
-- optional: durability_seconds, location, machine, branch_of, branch_version, replica_of
create or replace function control.served_make(
  database text, owner text, domain text, label text, role text, verifier text, password_version uuid, idle_seconds integer, size_limit_bytes bigint,
  durability text, durability_seconds integer, location text, hold boolean, engine text, machine text, branch_of text, branch_version bigint,
  replica_of text
)
returns table (id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
  insert into control.served (
    database, owner, domain, label, role, verifier, password_version, idle_seconds, size_limit_bytes, durability, durability_seconds, location, hold,
    engine, machine, branch_of, branch_label, branch_version, replica_of
  )
  select
    served_make.database, served_make.owner, served_make.domain, served_make.label, served_make.role, served_make.verifier,
    served_make.password_version, served_make.idle_seconds, served_make.size_limit_bytes,
    served_make.durability, served_make.durability_seconds, served_make.location, served_make.hold, served_make.engine,
    served_make.machine, b.id, b.label, served_make.branch_version, r.label
  from control.served_domain as d
  -- its files have one login, and are of one engine
  left join control.served as b
    on b.domain = d.domain and b.database = d.database and b.label = served_make.branch_of and b.gone_at is null
      and b.role = served_make.role and b.engine = served_make.engine and b.replica_of is null
  left join control.served as r
    on r.domain = d.domain and r.database = d.database and r.label = served_make.replica_of and r.gone_at is null
      and r.role = served_make.role and r.engine = served_make.engine and r.replica_of is null
  where d.domain = served_make.domain and d.database = served_make.database
    and (b.id is not null or served_make.branch_of is null) and (r.id is not null or served_make.replica_of is null)
  on conflict (domain, label) where gone_at is null do nothing;
  return query
  select s.id
  from control.served as s
  where s.domain = served_make.domain and s.label = served_make.label and s.gone_at is null and s.owner = served_make.owner;
end
$$;
