-- Which instance an Elastic IP address leads to.

create table ec2.elastic_ip_association (
  region         text not null default iasql.default_region(),
  elastic_ip     text not null,
  instance       text not null,
  association_id text,
  primary key (region, elastic_ip),
  foreign key (region, elastic_ip) references ec2.elastic_ip (region, name) on update cascade,
  foreign key (region, instance) references ec2.instance (region, name) on update cascade
);

comment on table ec2.elastic_ip_association is 'Which instance an Elastic IP address leads to. An address without one leads nowhere, and AWS charges for it all the same; that of a NAT gateway stands in ec2.nat_gateway.';
comment on column ec2.elastic_ip_association.region is 'The AWS region, as in us-east-1.';
comment on column ec2.elastic_ip_association.elastic_ip is '@immutable The address.';
comment on column ec2.elastic_ip_association.instance is '@cascade The instance, by its first network interface. It changes in place, without a moment in between.';
comment on column ec2.elastic_ip_association.association_id is '@cloud The id that AWS gave it: eipassoc-0a1b2c…. Another instance means another id.';

select iasql.register('ec2.elastic_ip_association');
