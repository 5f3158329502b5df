insert into observed.ec2_vpc (region, vpc_id, name, cidr_block, tags) values ('us-east-1', 'vpc-1', 'shop', '10.0.0.0/16', '{"team": "a"}');
insert into observed.ec2_subnet (region, subnet_id, name, vpc, cidr_block, map_public_ip_on_launch, tags) values ('us-east-1', 'subnet-1', 'front', 'vpc-1', '10.0.1.0/24', false, '{}');
insert into ec2.vpc (name, cidr_block, tags) values ('shop', '10.0.0.0/16', '{"team": "b"}');
insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24');
