-- description: The database that the gateway serves under a name. No row: there is none.
-- service: gateway
-- mode: read
create or replace function control.served_find(domain text, label text)
returns table (id uuid, role text, verifier text, idle_seconds integer, size_limit_bytes bigint)
language sql stable as $$
  select s.id, s.role, s.verifier, s.idle_seconds, s.size_limit_bytes
  from control.served as s
  where s.domain = served_find.domain and s.label = served_find.label and s.gone_at is null
$$;
