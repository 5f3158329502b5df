insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24');
insert into ec2.route_table (name, vpc) values ('main', 'shop');
insert into ec2.route_table_association (subnet, route_table) values ('front', 'main');
