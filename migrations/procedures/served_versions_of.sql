-- description: The versions of what is served for the rows of a user's database.
-- service: reconciler
-- mode: read
create or replace function control.served_versions_of(database text)
returns table (
  domain text, label text, number bigint, kind text, made_at timestamptz, made_by text, size_bytes bigint, stored_bytes bigint
)
language sql stable as $$
  select s.domain, s.label, v.number, v.kind, v.made_at, v.made_by, v.size_bytes, v.stored_bytes
  from control.served as s
  join control.served_version as v on v.served = s.id
  where s.database = served_versions_of.database and s.gone_at is null
  order by s.domain, s.label, v.number
$$;
