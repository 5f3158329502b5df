-- A password that can be restored for a week after its deletion. Write another value to it and look at iasql.plan.

insert into secretsmanager.secret (name, description, value, recovery_window_in_days, tags) values
  ('shop/database', 'The password of the shop''s database', gen_random_uuid()::text, 7, '{"team": "shop"}');
