-- A VPC endpoint, through the whole loop: one by routes, and one by network interfaces.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'shop', '10.20.0.0/24'), ('b', 'shop', '10.20.1.0/24');
insert into ec2.security_group (name, vpc) values ('a', 'shop'), ('b', 'shop');
insert into ec2.route_table (name, vpc) values ('a', 'shop'), ('b', 'shop');

-- create: CreateVpcEndpoint
insert into ec2.vpc_endpoint (name, vpc, service_name) values ('s3', 'shop', 'com.amazonaws.us-east-1.s3');
insert into ec2.vpc_endpoint_route_table (vpc_endpoint, route_table) values ('s3', 'a');

-- update: ModifyVpcEndpoint
update ec2.vpc_endpoint set policy_document = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}';

-- drift: ModifyVpcEndpoint
{"policy_document": {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": ["*"]}]}}

-- lost: CreateVpcEndpoint

-- rename: CreateTags
update ec2.vpc_endpoint set name = 'objects';

-- update: ModifyVpcEndpoint
insert into ec2.vpc_endpoint_route_table (vpc_endpoint, route_table) values ('objects', 'b');

-- update: ModifyVpcEndpoint CreateTags
delete from ec2.vpc_endpoint_route_table where route_table = 'b';
update ec2.vpc_endpoint set tags = '{"team": "a"}';

-- replace: CreateVpcEndpoint DeleteVpcEndpoints
update ec2.vpc_endpoint set service_name = 'com.amazonaws.us-east-1.dynamodb';

-- delete: DeleteVpcEndpoints
delete from ec2.vpc_endpoint;

-- create: CreateVpcEndpoint
insert into ec2.vpc_endpoint (name, vpc, service_name, vpc_endpoint_type, private_dns_enabled) values ('logs', 'shop', 'com.amazonaws.us-east-1.logs', 'Interface', true);
insert into ec2.vpc_endpoint_subnet (vpc_endpoint, subnet) values ('logs', 'a');
insert into ec2.vpc_endpoint_security_group (vpc_endpoint, security_group) values ('logs', 'a');

-- update: ModifyVpcEndpoint
insert into ec2.vpc_endpoint_subnet (vpc_endpoint, subnet) values ('logs', 'b');
update ec2.vpc_endpoint_security_group set security_group = 'b';

-- delete: DeleteVpcEndpoints
delete from ec2.vpc_endpoint;

-- adopt: CreateTags
insert into ec2.vpc_endpoint (name, vpc, service_name) values ('s3', 'shop', 'com.amazonaws.us-east-1.s3');
