select iasql.set('unknown_resources', 'delete');
insert into observed.ec2_vpc (region, vpc_id, name, cidr_block, tags) values ('us-east-1', 'vpc-other', 'other', '10.7.0.0/16', '{}');
insert into observed.ec2_vpc (region, vpc_id, name, cidr_block, tags, implicit) values ('us-east-1', 'vpc-default', null, '172.31.0.0/16', '{}', true);
insert into observed.ec2_vpc (region, vpc_id, name, cidr_block, tags, owner) values ('us-east-1', 'vpc-neighbour', 'shop', '10.8.0.0/16', '{}', 'neighbour/00000000-0000-0000-0000-000000000009');
