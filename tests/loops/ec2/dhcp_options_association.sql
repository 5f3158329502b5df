-- Which DHCP options a VPC uses. Every VPC has some from its first moment on, so it is created only along with its VPC, adopted
-- otherwise, and never lost.

-- never: rename

-- ground
insert into ec2.dhcp_options (name, domain_name) values ('a', 'a.internal'), ('b', 'b.internal');
insert into ec2.vpc (name, cidr_block) values ('other', '10.30.0.0/16');

-- create: CreateVpc AssociateDhcpOptions
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.dhcp_options_association (vpc, dhcp_options) values ('shop', 'a');

-- update: AssociateDhcpOptions
update ec2.dhcp_options_association set dhcp_options = 'b';

-- drift: AssociateDhcpOptions
{"dhcp_options": "default"}

-- replace: AssociateDhcpOptions AssociateDhcpOptions
update ec2.dhcp_options_association set vpc = 'other';

-- delete: AssociateDhcpOptions
delete from ec2.dhcp_options_association;

-- adopt:
insert into ec2.dhcp_options_association (vpc, dhcp_options) values ('shop', 'a');
