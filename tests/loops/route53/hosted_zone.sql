-- Hosted zones, public and private, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('a', '10.20.0.0/16'), ('b', '10.30.0.0/16');

-- create: CreateHostedZone ChangeTagsForResource
insert into route53.hosted_zone (name, comment) values ('shop.example', 'The shop');

-- update: UpdateHostedZoneComment ChangeTagsForResource
update route53.hosted_zone set comment = '', tags = '{"team": "a"}';

-- drift: UpdateHostedZoneComment
{"comment": "theirs"}

-- lost: CreateHostedZone ChangeTagsForResource

-- rename: ChangeTagsForResource
update route53.hosted_zone set name = 'shop';

-- replace: CreateHostedZone ChangeTagsForResource DeleteHostedZone
update route53.hosted_zone set domain_name = 'store.example';

-- delete: DeleteHostedZone
delete from route53.hosted_zone;

-- adopt: ChangeTagsForResource
insert into route53.hosted_zone (name) values ('shop.example');

-- create: CreateHostedZone ChangeTagsForResource
insert into route53.hosted_zone (name, private_zone) values ('corp.example', true);
insert into route53.hosted_zone_vpc (hosted_zone, vpc) values ('corp.example', 'a');

-- update: AssociateVPCWithHostedZone
insert into route53.hosted_zone_vpc (hosted_zone, vpc) values ('corp.example', 'b');

-- update: DisassociateVPCFromHostedZone
delete from route53.hosted_zone_vpc where vpc = 'a';

-- delete: DeleteHostedZone DeleteHostedZone
delete from route53.hosted_zone;
