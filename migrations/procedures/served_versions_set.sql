-- description: Which versions of a served database there are: all their numbers, and what is to be known of those that have come.
-- service: gateway
-- mode: write
create or replace function control.served_versions_set(id uuid, numbers bigint[], come jsonb) returns void
language sql as $$
  delete from control.served_version as v where v.served = served_versions_set.id and v.number <> all (served_versions_set.numbers);
  insert into control.served_version (served, number, kind, made_at, made_by, size_bytes, stored_bytes)
  select s.id, n.number, n.kind, n.made_at, n.made_by, n.size_bytes, n.stored_bytes
  from control.served as s
  cross join jsonb_to_recordset(served_versions_set.come)
    as n (number bigint, kind text, made_at timestamptz, made_by text, size_bytes bigint, stored_bytes bigint)
  where s.id = served_versions_set.id
  on conflict (served, number) do nothing
$$;
