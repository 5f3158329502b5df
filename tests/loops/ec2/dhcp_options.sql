-- DHCP options. The local cloud forgets the tags that come with their creation, so it begins here where they have been set again;
-- that they go out in the creating call is told in tests/aws/ec2/dhcp_options.rs.

-- ground
insert into ec2.dhcp_options (name, domain_name, domain_name_servers) values ('shop', 'shop.internal', array['10.20.0.2', '10.20.0.3']);

-- update: CreateTags
update ec2.dhcp_options set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- rename: CreateTags
update ec2.dhcp_options set name = 'store';

-- delete: DeleteDhcpOptions
delete from ec2.dhcp_options;
