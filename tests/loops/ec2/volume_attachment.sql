-- A volume attached to an instance, through the whole loop.

-- never: update drift rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('shop', 'shop', '10.20.0.0/24', 'us-east-1a');
insert into ec2.instance (name, image_id, instance_type, subnet) values ('web', 'ami-0123456789abcdef0', 't3.micro', 'shop');
insert into ec2.volume (name, availability_zone, size) values ('data', 'us-east-1a', 10);

-- create: AttachVolume
insert into ec2.volume_attachment (volume, instance, device) values ('data', 'web', '/dev/sdf');

-- lost: AttachVolume

-- replace: DetachVolume AttachVolume
update ec2.volume_attachment set device = '/dev/sdg';

-- the instance goes, and the volume moves over to the new one; whether it has been let go of with the old one is seen at the next reading, or
-- not: then it is detached once more, which changes nothing
-- replace
update ec2.instance set image_id = 'ami-0fedcba9876543210';

-- delete: DetachVolume
delete from ec2.volume_attachment;

-- adopt:
insert into ec2.volume_attachment (volume, instance, device) values ('data', 'web', '/dev/sdf');
