-- What the demo asks for: a network with two tiers, who may reach what, a bucket, a secret and a database server.

begin;

insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

insert into ec2.subnet (name, vpc, cidr_block, availability_zone, map_public_ip_on_launch) values
  ('shop-public',    'shop', '10.20.0.0/24', 'us-east-1a', true),
  ('shop-private-a', 'shop', '10.20.1.0/24', 'us-east-1a', false),
  ('shop-private-b', 'shop', '10.20.2.0/24', 'us-east-1b', false);

insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
insert into ec2.route_table (name, vpc) values ('shop-public', 'shop');
insert into ec2.route (route_table, destination, internet_gateway) values ('shop-public', '0.0.0.0/0', 'shop');
insert into ec2.route_table_association (subnet, route_table) values ('shop-public', 'shop-public');

insert into ec2.security_group (name, vpc, description) values
  ('shop-web', 'shop', 'What the world reaches'),
  ('shop-db',  'shop', 'What only the web servers reach');

insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description) values
  ('shop-web', 'ingress', 'tcp', 80,  80,  '0.0.0.0/0', 'HTTP'),
  ('shop-web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0', 'HTTPS');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, referenced_security_group, description) values
  ('shop-db', 'ingress', 'tcp', 5432, 5432, 'shop-web', '');

insert into s3.bucket (name) values ('shop-receipts-4711');
insert into s3.bucket_versioning (bucket) values ('shop-receipts-4711');
insert into s3.public_access_block (bucket) values ('shop-receipts-4711');

insert into secretsmanager.secret (name, description, value) values
  ('shop/api-key', 'What the shop shows to its payment service', gen_random_uuid()::text);

insert into rds.db_subnet_group (name, description) values ('shop', 'The private subnets of the shop');
insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'shop-private-a'), ('shop', 'shop-private-b');
insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password, db_subnet_group) values
  ('shop', 'postgres', 'db.t3.micro', 20, 'shop', gen_random_uuid()::text, 'shop');
insert into rds.db_instance_security_group (db_instance, security_group) values ('shop', 'shop-db');

commit;
