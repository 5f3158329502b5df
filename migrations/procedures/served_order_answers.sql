-- description: The domains for which gateways order, and what their DNS says of each.
-- service: gateway
-- mode: read
create or replace function control.served_order_answers()
returns table (domain text, answers text[])
language sql stable as $$
  select o.domain, o.answers from control.served_order as o order by o.domain
$$;
