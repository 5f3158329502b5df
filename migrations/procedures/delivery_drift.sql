-- description: Puts drift that was found into the outbox of its database, where somebody wants to hear of it.
-- service: reconciler
-- mode: write
create or replace function control.delivery_drift(database text, drift jsonb) returns boolean
language sql as $$
  with put as (
    insert into control.delivery (database, event, body)
    select w.database, 'drift', jsonb_build_object('type', 'drift', 'timestamp', clock_timestamp(), 'data', jsonb_build_object('database', w.database, 'drift', delivery_drift.drift))::text
    from control.webhook as w where w.database = delivery_drift.database and 'drift' = any (w.events)
    returning 1
  )
  select exists (select from put)
$$;
