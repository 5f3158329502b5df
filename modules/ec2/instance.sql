-- An instance: a virtual machine. And the security groups that it carries.

create table ec2.instance (
  region               text    not null default iasql.default_region(),
  name                 text    not null,
  image_id             text    not null,
  instance_type        text    not null,
  subnet               text,
  availability_zone    text,
  private_ip_address   inet,
  key_name             text,
  iam_instance_profile text,
  ebs_optimized        boolean,
  monitoring           boolean,
  source_dest_check    boolean,
  user_data            text,
  user_data_version    uuid,
  tags                 jsonb   not null default '{}',
  instance_id          text,
  state                text,
  public_ip_address    inet,
  private_dns_name     text,
  public_dns_name      text,
  primary key (region, name),
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade,
  constraint an_image_id_starts_with_ami
    check (starts_with(image_id, 'ami-')),
  constraint an_instance_type_has_a_family_and_a_size
    check (instance_type ~ '^[a-z0-9-]+\.[a-z0-9-]+$'),
  constraint an_availability_zone_is_one_of_its_region
    check (starts_with(availability_zone, region) and availability_zone <> region),
  constraint private_ip_address_is_one_ipv4_address
    check (family(private_ip_address) = 4 and masklen(private_ip_address) = 32),
  constraint user_data_has_at_most_16384_bytes
    check (octet_length(user_data) <= 16384),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.instance is 'An instance: a virtual machine.';
comment on column ec2.instance.region is 'The AWS region, as in us-east-1.';
comment on column ec2.instance.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.instance.image_id is '@immutable The image (AMI) that it starts from: ami-0a1b2c….';
comment on column ec2.instance.instance_type is 'The hardware, as in t3.micro. A running instance is stopped for the change and started again.';
comment on column ec2.instance.subnet is '@immutable The subnet of its network interface. NULL: AWS takes one of the default VPC.';
comment on column ec2.instance.availability_zone is '@immutable The zone, as in us-east-1a. NULL: the subnet''s.';
comment on column ec2.instance.private_ip_address is '@immutable Its IPv4 address in the subnet. NULL: AWS chooses a free one.';
comment on column ec2.instance.key_name is '@immutable The key pair for its first login. NULL: whichever it has, at first none.';
comment on column ec2.instance.iam_instance_profile is 'The name of the instance profile whose role it has. NULL: as it is; an empty text: none.';
comment on column ec2.instance.ebs_optimized is 'Whether its way to EBS volumes is its own. A running instance is stopped for the change and started again. NULL: what is usual for its type.';
comment on column ec2.instance.monitoring is 'Whether it is monitored every minute instead of every five. NULL: as it is, at first not.';
comment on column ec2.instance.source_dest_check is 'Whether it drops packets that are neither from nor for itself; false for one that passes packets on. NULL: as it is, at first true.';
comment on column ec2.instance.user_data is '@secret What it runs or reads at its first start, as plain text; never read back. NULL: none.';
comment on column ec2.instance.user_data_version is '@version @immutable Another one at each write of user_data; kept in a tag of the instance, so that other user data mean another instance.';
comment on column ec2.instance.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.instance.instance_id is '@identity The id that AWS gave it: i-0a1b2c….';
comment on column ec2.instance.state is '@cloud What it is doing: pending, running, stopping, stopped, shutting-down.';
comment on column ec2.instance.public_ip_address is '@cloud Its public IPv4 address, where it has one.';
comment on column ec2.instance.private_dns_name is '@cloud Its host name inside the VPC.';
comment on column ec2.instance.public_dns_name is '@cloud Its public host name, where it has one.';

select iasql.register('ec2.instance');

create table ec2.instance_security_group (
  region         text not null default iasql.default_region(),
  instance       text not null,
  security_group text not null,
  primary key (region, instance, security_group),
  foreign key (region, instance) references ec2.instance (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table ec2.instance_security_group is 'The security groups that an instance carries. No row: AWS gives it the default group of its VPC.';
comment on column ec2.instance_security_group.region is 'The AWS region, as in us-east-1.';
comment on column ec2.instance_security_group.instance is '@part security_groups The instance.';
comment on column ec2.instance_security_group.security_group is 'A security group that it carries.';

select iasql.register('ec2.instance_security_group');
