-- A small network: two subnets, one of them public, and who may reach what. Paste it, look at iasql.plan, CALL iasql.check().

insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

insert into ec2.subnet (name, vpc, cidr_block, map_public_ip_on_launch) values
  ('shop-public', 'shop', '10.20.0.0/24', true),
  ('shop-private', 'shop', '10.20.1.0/24', false);

insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
insert into ec2.route_table (name, vpc) values ('shop-public', 'shop');
insert into ec2.route (route_table, destination, internet_gateway) values ('shop-public', '0.0.0.0/0', 'shop');
insert into ec2.route_table_association (subnet, route_table) values ('shop-public', 'shop-public');

insert into ec2.security_group (name, vpc, description) values
  ('shop-web', 'shop', 'What the world reaches'),
  ('shop-db', 'shop', 'What only the web servers reach');

insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description) values
  ('shop-web', 'ingress', 'tcp', 80, 80, '0.0.0.0/0', 'HTTP'),
  ('shop-web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0', 'HTTPS');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, referenced_security_group, description) values
  ('shop-db', 'ingress', 'tcp', 5432, 5432, 'shop-web', 'Postgres');
