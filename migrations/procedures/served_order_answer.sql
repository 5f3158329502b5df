-- description: Has the gateways' DNS say this to who asks whether a domain is ours. False: it is that gateway's order no longer.
-- service: gateway
-- mode: write
create or replace function control.served_order_answer(domain text, holder uuid, answers text[]) returns boolean
language plpgsql as $$
begin
  update control.served_order as o
  set answers = served_order_answer.answers
  where o.domain = served_order_answer.domain and o.held_by = served_order_answer.holder and o.held_until > clock_timestamp();
  return found;
end
$$;
