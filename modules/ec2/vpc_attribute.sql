-- What is set on a VPC, apart from the VPC itself. AWS tells it VPC by VPC, so it stands apart and is only read where somebody manages it.

create table ec2.vpc_attribute (
  region                               text not null default iasql.default_region(),
  vpc                                  text not null,
  enable_dns_support                   boolean,
  enable_dns_hostnames                 boolean,
  enable_network_address_usage_metrics boolean,
  primary key (region, vpc),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint host_names_need_dns_support
    check (enable_dns_support is not false or enable_dns_hostnames is not true)
);

comment on table ec2.vpc_attribute is 'How names are resolved in a VPC, and what is measured. Without a row nothing of it is looked at; deleting the row sets it back to how a new VPC has it.';
comment on column ec2.vpc_attribute.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc_attribute.vpc is '@immutable @cascade The VPC.';
comment on column ec2.vpc_attribute.enable_dns_support is 'Whether the VPC''s own name server answers, at 169.254.169.253. NULL: as it is, at first true.';
comment on column ec2.vpc_attribute.enable_dns_hostnames is 'Whether machines with a public address get a public host name; private host names of endpoints need it, too. NULL: as it is, at first false.';
comment on column ec2.vpc_attribute.enable_network_address_usage_metrics is 'Whether AWS measures how many addresses are in use. NULL: as it is, at first false.';

select iasql.register('ec2.vpc_attribute');
