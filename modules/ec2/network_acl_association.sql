-- Which network ACL a subnet uses.

create table ec2.network_acl_association (
  region                     text not null default iasql.default_region(),
  subnet                     text not null,
  network_acl                text not null,
  network_acl_association_id text,
  primary key (region, subnet),
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade,
  foreign key (region, network_acl) references ec2.network_acl (region, name) on update cascade
);

comment on table ec2.network_acl_association is 'Which network ACL a subnet uses. Each subnet uses one: without a row it is not looked at, and deleting the row gives the subnet back to the default ACL of its VPC.';
comment on column ec2.network_acl_association.region is 'The AWS region, as in us-east-1.';
comment on column ec2.network_acl_association.subnet is '@immutable @cascade The subnet.';
comment on column ec2.network_acl_association.network_acl is 'The network ACL that it uses. It changes in place, without a moment on the default one.';
comment on column ec2.network_acl_association.network_acl_association_id is '@cloud The id that AWS gave it: aclassoc-0a1b2c…. Another ACL means another id.';

select iasql.register('ec2.network_acl_association');
