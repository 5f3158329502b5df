-- A small Postgres in a network of its own. RDS makes the password and keeps it in Secrets Manager; master_user_secret says where.

insert into ec2.vpc (name, cidr_block) values ('shop-data', '10.30.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('shop-data-a', 'shop-data', '10.30.0.0/24', iasql.default_region() || 'a'),
  ('shop-data-b', 'shop-data', '10.30.1.0/24', iasql.default_region() || 'b');
insert into ec2.security_group (name, vpc, description) values ('shop-data', 'shop-data', 'Who reaches the database');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values
  ('shop-data', 'ingress', 'tcp', 5432, 5432, '10.30.0.0/16');

insert into rds.db_subnet_group (name) values ('shop');
insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'shop-data-a'), ('shop', 'shop-data-b');
insert into rds.db_parameter_group (name, family) values ('shop', 'postgres16');
insert into rds.db_parameter_group_parameter (db_parameter_group, name, value) values ('shop', 'log_min_duration_statement', '500');

insert into rds.db_instance (name, engine, engine_version, db_instance_class, allocated_storage, master_username, db_name, db_subnet_group, db_parameter_group) values
  ('shop', 'postgres', '16.4', 'db.t4g.micro', 20, 'shop', 'shop', 'shop', 'shop');
insert into rds.db_instance_security_group (db_instance, security_group) values ('shop', 'shop-data');
