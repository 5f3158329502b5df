-- Which DHCP options a VPC uses.

create table ec2.dhcp_options_association (
  region       text not null default iasql.default_region(),
  vpc          text not null,
  dhcp_options text not null,
  primary key (region, vpc),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  foreign key (region, dhcp_options) references ec2.dhcp_options (region, name) on update cascade
);

comment on table ec2.dhcp_options_association is 'Which DHCP options a VPC uses. Without a row they are not looked at; deleting the row gives the VPC back those of its region.';
comment on column ec2.dhcp_options_association.region is 'The AWS region, as in us-east-1.';
comment on column ec2.dhcp_options_association.vpc is '@immutable @cascade The VPC.';
comment on column ec2.dhcp_options_association.dhcp_options is 'The DHCP options that it uses. Machines take others over when they renew their lease.';

select iasql.register('ec2.dhcp_options_association');
