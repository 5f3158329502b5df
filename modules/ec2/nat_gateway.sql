-- A NAT gateway: the way out for subnets that nothing outside may reach.

create table ec2.nat_gateway (
  region               text  not null default iasql.default_region(),
  name                 text  not null,
  subnet               text  not null,
  connectivity_type    text  not null default 'public',
  elastic_ip           text,
  internet_gateway     text,
  private_ip_address   inet,
  tags                 jsonb not null default '{}',
  nat_gateway_id       text,
  network_interface_id text,
  public_ip            inet,
  state                text,
  primary key (region, name),
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade,
  foreign key (region, elastic_ip) references ec2.elastic_ip (region, name) on update cascade,
  foreign key (region, internet_gateway) references ec2.internet_gateway (region, name) on update cascade,
  constraint connectivity_type_is_public_or_private
    check (connectivity_type in ('public', 'private')),
  constraint a_public_nat_gateway_has_an_elastic_ip_and_a_private_one_has_none
    check ((connectivity_type = 'public') = (elastic_ip is not null)),
  constraint a_private_nat_gateway_needs_no_internet_gateway
    check (connectivity_type = 'public' or internet_gateway is null),
  constraint private_ip_address_is_one_ipv4_address
    check (family(private_ip_address) = 4 and masklen(private_ip_address) = 32),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.nat_gateway is 'A NAT gateway: the way out for subnets that nothing outside may reach. It takes AWS a minute or two to make one, and to take one away.';
comment on column ec2.nat_gateway.region is 'The AWS region, as in us-east-1.';
comment on column ec2.nat_gateway.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.nat_gateway.subnet is '@immutable The subnet that it stands in: for a public one a subnet whose route table leads to an internet gateway.';
comment on column ec2.nat_gateway.connectivity_type is '@immutable public (to the internet) or private (to other networks of yours).';
comment on column ec2.nat_gateway.elastic_ip is '@immutable The address by which the world sees what goes out; with a public one only.';
comment on column ec2.nat_gateway.internet_gateway is 'The internet gateway of its VPC, by which a public one reaches the world: the NAT gateway is made after it, and gone before it. NULL: whichever the VPC has, and it must be there already.';
comment on column ec2.nat_gateway.private_ip_address is '@immutable Its address in the subnet. NULL: AWS chooses a free one.';
comment on column ec2.nat_gateway.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.nat_gateway.nat_gateway_id is '@identity The id that AWS gave it: nat-0a1b2c….';
comment on column ec2.nat_gateway.network_interface_id is '@cloud The network interface that AWS made for it: eni-0a1b2c….';
comment on column ec2.nat_gateway.public_ip is '@cloud The address by which the world sees what goes out.';
comment on column ec2.nat_gateway.state is '@cloud pending, available, deleting; failed where AWS could not make it (a row that is deleted and inserted again is another attempt).';

select iasql.register('ec2.nat_gateway');
