-- A machine with a disk of its own.

insert into fly.app (name) values ('shop-example');
insert into fly.volume (name, app, region, size_gb) values ('shop_data', 'shop-example', 'ams', 1);
insert into fly.machine (app, name, region, image, volume, mount_path) values
  ('shop-example', 'shop-1', 'ams', 'registry.fly.io/shop-example:1', 'shop_data', '/data');
