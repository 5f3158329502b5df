insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24'), ('back', 'shop', '10.0.2.0/24');
insert into ec2.security_group (name, vpc) values ('web', 'shop'), ('admin', 'shop');
insert into ec2.instance (name, subnet, image_id, instance_type) values ('server', 'front', 'ami-1', 't3.micro'), ('other', 'back', 'ami-1', 't3.micro');
insert into ec2.instance_security_group (instance, security_group) values ('server', 'web'), ('server', 'admin'), ('other', 'web');
