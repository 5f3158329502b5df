-- description: Puts a test into the outbox of a database that has a webhook; answers its id.
-- service: http
-- mode: write
create or replace function control.delivery_test(database text) returns table (id uuid)
language sql as $$
  insert into control.delivery (database, event, body)
  select w.database, 'test', jsonb_build_object('type', 'test', 'timestamp', clock_timestamp(), 'data', jsonb_build_object('database', w.database))::text
  from control.webhook as w where w.database = delivery_test.database
  returning id
$$;
