-- What is set on a VPC. Every VPC has it from its first moment on, so it is created only along with its VPC, adopted otherwise, and never lost.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('other', '10.30.0.0/16');

-- create: CreateVpc ModifyVpcAttribute
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.vpc_attribute (vpc, enable_dns_support, enable_dns_hostnames) values ('shop', true, true);

-- update: ModifyVpcAttribute ModifyVpcAttribute
update ec2.vpc_attribute set enable_dns_support = false, enable_dns_hostnames = false;

-- update: ModifyVpcAttribute ModifyVpcAttribute
update ec2.vpc_attribute set enable_dns_support = true, enable_network_address_usage_metrics = true;

-- drift: ModifyVpcAttribute
{"enable_dns_hostnames": true}

-- replace: ModifyVpcAttribute ModifyVpcAttribute
update ec2.vpc_attribute set vpc = 'other';

-- delete: ModifyVpcAttribute
delete from ec2.vpc_attribute;

-- adopt:
insert into ec2.vpc_attribute (vpc, enable_dns_hostnames) values ('shop', true);
