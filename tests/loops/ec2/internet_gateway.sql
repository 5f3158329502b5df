-- An internet gateway, through the whole loop. All of it changes in place.

-- never: replace

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('other', '10.30.0.0/16');

-- create: CreateInternetGateway AttachInternetGateway
insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');

-- update: DetachInternetGateway AttachInternetGateway
update ec2.internet_gateway set vpc = 'other';

-- drift: CreateTags
{"name": "mine"}

-- lost: CreateInternetGateway AttachInternetGateway

-- rename: CreateTags
update ec2.internet_gateway set name = 'door';

-- delete: DetachInternetGateway DeleteInternetGateway
delete from ec2.internet_gateway;

-- adopt: CreateTags
insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
