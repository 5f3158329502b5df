insert into observed.ec2_vpc (region, vpc_id, name, cidr_block, tags) values ('us-east-1', 'vpc-1', 'theirs', '10.0.0.0/16', '{}');
insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('network', '10.5.0.0/16', 'vpc-1', true);
select iasql.claim('ec2.vpc');
insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'network', '10.0.1.0/24');
