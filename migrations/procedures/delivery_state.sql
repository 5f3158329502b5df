-- description: How a delivery goes.
-- service: http
-- mode: read
-- optional: status, error
create or replace function control.delivery_state(id uuid)
returns table (tries integer, delivered boolean, status integer, error text)
language sql stable as $$
  select d.tries, d.delivered_at is not null, d.status, d.error from control.delivery as d where d.id = delivery_state.id
$$;
