-- description: Notes how large a served database is.
-- service: gateway
-- mode: write
create or replace function control.served_size(id uuid, size_bytes bigint) returns void
language sql as $$
  update control.served as s set size_bytes = served_size.size_bytes where s.id = served_size.id
$$;
