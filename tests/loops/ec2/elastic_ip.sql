-- An Elastic IP address, through the whole loop.
-- The local cloud does not tell from where an address is announced or which pool it is from, the only things that replace one.

-- create: AllocateAddress
insert into ec2.elastic_ip (name) values ('shop');

-- update: CreateTags
update ec2.elastic_ip set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: AllocateAddress

-- rename: CreateTags
update ec2.elastic_ip set name = 'store';

-- delete: ReleaseAddress
delete from ec2.elastic_ip;

-- adopt: CreateTags
insert into ec2.elastic_ip (name) values ('shop');
