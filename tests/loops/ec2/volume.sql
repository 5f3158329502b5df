-- A volume, through the whole loop.

-- create: CreateVolume
insert into ec2.volume (name, availability_zone, size, volume_type) values ('data', 'us-east-1a', 10, 'gp3');

-- update: ModifyVolume
update ec2.volume set size = 20, iops = 3500;

-- update: CreateTags
update ec2.volume set tags = '{"team": "a"}';

-- drift: ModifyVolume
{"iops": 4000}

-- lost: CreateVolume

-- rename: CreateTags
update ec2.volume set name = 'store';

-- replace: CreateVolume DeleteVolume
update ec2.volume set availability_zone = 'us-east-1b';
select iasql.allow_replace('ec2.volume', 'store');

-- delete: DeleteVolume
delete from ec2.volume;

-- adopt: CreateTags
insert into ec2.volume (name, availability_zone, size) values ('data', 'us-east-1a', 10);
