-- A NAT gateway, through the whole loop. The local cloud never gives back the address of a public one that is gone, so a private one gets lost here.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
insert into ec2.elastic_ip (name) values ('shop');

-- create: CreateNatGateway
insert into ec2.nat_gateway (name, subnet, elastic_ip, internet_gateway) values ('shop', 'shop', 'shop', 'shop');

-- update: CreateTags
update ec2.nat_gateway set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- rename: CreateTags
update ec2.nat_gateway set name = 'store';

-- replace: DeleteNatGateway CreateNatGateway
update ec2.nat_gateway set connectivity_type = 'private', elastic_ip = null, internet_gateway = null;

-- lost: CreateNatGateway

-- delete: DeleteNatGateway
delete from ec2.nat_gateway;

-- adopt: CreateTags
insert into ec2.nat_gateway (name, subnet, connectivity_type) values ('shop', 'shop', 'private');
