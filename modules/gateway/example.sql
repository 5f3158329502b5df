-- A database that sleeps when nobody is connected: psql "host=shop.db.localhost user=shop".

insert into gateway.database (name, role, password, idle_seconds) values
  ('shop', 'shop', gen_random_uuid()::text, 60);
