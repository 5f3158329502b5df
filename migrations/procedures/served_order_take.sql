-- description: Gives a gateway what is to be ordered next, for so many seconds. No row: nothing is, or another gateway is ordering something. What was sealed with another key than this one's is ordered anew, once a day at most.
-- service: gateway
-- mode: write
create or replace function control.served_order_take(holder uuid, mark text, seconds double precision)
returns table (domain text, issuer text, contacts text[], failures integer)
language plpgsql as $$
#variable_conflict use_column
begin
  -- of two who come at once one waits, and sees what the other took
  perform pg_advisory_xact_lock(hashtextextended('control.served_order', 0));
  -- so that whoever wrote the row sees whether anybody does
  update control.served_order as o
  set looked_at = clock_timestamp()
  where o.state = 'wanted' and (o.looked_at is null or o.looked_at < clock_timestamp() - interval '10 seconds');
  if exists (select from control.served_order as o where o.held_until > clock_timestamp() and o.held_by <> served_order_take.holder) then
    return;
  end if;
  return query
  update control.served_order as o
  set held_by = served_order_take.holder, held_until = clock_timestamp() + make_interval(secs => served_order_take.seconds),
      state = 'ordered', answers = '{}'
  where o.domain = (
    select due.domain
    from control.served_order as due
    left join control.served_certificate as c on c.domain = due.domain
    where due.not_until <= clock_timestamp()
       or due.state = 'valid' and c.sealed_with <> served_order_take.mark and c.changed_at < clock_timestamp() - interval '1 day'
    order by due.not_until, due.domain
    limit 1
  )
  returning o.domain, o.issuer, array(
    select distinct other.contact from control.served_order as other where other.issuer = o.issuer and other.contact is not null order by other.contact
  ), o.failures;
end
$$;
