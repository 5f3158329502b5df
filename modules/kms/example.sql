-- A key that changes by itself every year, and the name by which programs call it.

insert into kms.key (name, description, enable_key_rotation, pending_window_in_days) values ('shop', 'What the shop encrypts with', true, 30);
insert into kms.alias (name, key) values ('alias/shop', 'shop');
