-- A peering connection between two VPCs of this account, through the whole loop: asked for, and accepted as soon as it waits for that.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('office', '10.30.0.0/16'), ('lab', '10.40.0.0/16');

-- create: CreateVpcPeeringConnection AcceptVpcPeeringConnection
insert into ec2.vpc_peering_connection (name, vpc, peer_vpc) values ('shop', 'shop', 'office');

-- update: CreateTags
update ec2.vpc_peering_connection set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: CreateVpcPeeringConnection AcceptVpcPeeringConnection

-- rename: CreateTags
update ec2.vpc_peering_connection set name = 'store';

-- replace: DeleteVpcPeeringConnection CreateVpcPeeringConnection AcceptVpcPeeringConnection
update ec2.vpc_peering_connection set peer_vpc = 'lab';

-- delete: DeleteVpcPeeringConnection
delete from ec2.vpc_peering_connection;

-- adopt: AcceptVpcPeeringConnection CreateTags
insert into ec2.vpc_peering_connection (name, vpc, peer_vpc) values ('shop', 'shop', 'office');
