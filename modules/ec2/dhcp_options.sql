-- DHCP options: what the machines of a VPC are told about names, time and the like.

create table ec2.dhcp_options (
  region                            text  not null default iasql.default_region(),
  name                              text  not null,
  domain_name                       text,
  domain_name_servers               text[],
  ntp_servers                       text[],
  netbios_name_servers              text[],
  netbios_node_type                 integer,
  ipv6_address_preferred_lease_time integer,
  tags                              jsonb not null default '{}',
  dhcp_options_id                   text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html
  constraint a_set_has_at_least_one_option
    check (num_nonnulls(domain_name, domain_name_servers, ntp_servers, netbios_name_servers, netbios_node_type,
      ipv6_address_preferred_lease_time) > 0),
  constraint there_are_1_to_8_domain_name_servers
    check (cardinality(domain_name_servers) between 1 and 8 and array_position(domain_name_servers, null) is null),
  constraint there_are_1_to_8_ntp_servers
    check (cardinality(ntp_servers) between 1 and 8 and array_position(ntp_servers, null) is null),
  constraint there_are_1_to_4_netbios_name_servers
    check (cardinality(netbios_name_servers) between 1 and 4 and array_position(netbios_name_servers, null) is null),
  constraint netbios_node_type_is_1_2_4_or_8
    check (netbios_node_type in (1, 2, 4, 8)),
  constraint ipv6_address_preferred_lease_time_goes_from_140_to_2147483647_seconds
    check (ipv6_address_preferred_lease_time >= 140),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.dhcp_options is '@create_before_destroy DHCP options: what the machines of the VPCs that use them (ec2.dhcp_options_association) are told about names, time and the like.';
comment on column ec2.dhcp_options.region is 'The AWS region, as in us-east-1.';
comment on column ec2.dhcp_options.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.dhcp_options.domain_name is '@immutable @exact What is put behind names without dots. NULL: nothing is said of it.';
comment on column ec2.dhcp_options.domain_name_servers is '@immutable @exact Name servers by their addresses, in the order in which they are asked; AmazonProvidedDNS is the VPC''s own. NULL: none are named.';
comment on column ec2.dhcp_options.ntp_servers is '@immutable @exact Time servers by their addresses. NULL: none are named.';
comment on column ec2.dhcp_options.netbios_name_servers is '@immutable @exact NetBIOS name servers by their addresses. NULL: none are named.';
comment on column ec2.dhcp_options.netbios_node_type is '@immutable @exact How NetBIOS names are looked up: 1, 2, 4 or 8; AWS recommends 2. NULL: nothing is said of it.';
comment on column ec2.dhcp_options.ipv6_address_preferred_lease_time is '@immutable @exact How many seconds a machine keeps its IPv6 address, from 140. NULL: nothing is said of it, which means 140.';
comment on column ec2.dhcp_options.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.dhcp_options.dhcp_options_id is '@identity The id that AWS gave it: dopt-0a1b2c….';

select iasql.register('ec2.dhcp_options');
