-- description: Has the gateway show nothing of a user's database any more to who comes to a domain, and order nothing.
-- service: reconciler
-- mode: write
create or replace function control.served_certificate_remove(database text, domain text) returns void
language sql as $$
  delete from control.served_order as o
  where o.domain = served_certificate_remove.domain and o.database = served_certificate_remove.database;
  delete from control.served_certificate as c
  where c.domain = served_certificate_remove.domain and c.database = served_certificate_remove.database
$$;
