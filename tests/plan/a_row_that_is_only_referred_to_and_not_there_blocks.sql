insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('network', '10.5.0.0/16', 'vpc-gone', true);
