-- Which instance an address leads to, through the whole loop. It has no name and no tags.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.instance (name, image_id, instance_type, subnet) values ('one', 'ami-12c6146b', 't3.micro', 'shop'), ('two', 'ami-12c6146b', 't3.micro', 'shop');
insert into ec2.elastic_ip (name) values ('shop'), ('other');

-- create: AssociateAddress
insert into ec2.elastic_ip_association (elastic_ip, instance) values ('shop', 'one');

-- update: AssociateAddress
update ec2.elastic_ip_association set instance = 'two';

-- lost: AssociateAddress

-- replace: AssociateAddress DisassociateAddress
update ec2.elastic_ip_association set elastic_ip = 'other';

-- delete: DisassociateAddress
delete from ec2.elastic_ip_association;

-- adopt:
insert into ec2.elastic_ip_association (elastic_ip, instance) values ('shop', 'one');
