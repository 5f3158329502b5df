-- A cluster of three members: psql "host=shop-example.fly.dev port=6432 user=pooler dbname=main", with the certificate in its column authority.

insert into postgres.cluster (name, app, standbys, password) values
  ('shop', 'shop-example', 2, gen_random_uuid()::text);
