-- Which route table a subnet uses.

create table ec2.route_table_association (
  region                     text not null default iasql.default_region(),
  subnet                     text not null,
  route_table                text not null,
  route_table_association_id text,
  primary key (region, subnet),
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade,
  foreign key (region, route_table) references ec2.route_table (region, name) on update cascade
);

comment on table ec2.route_table_association is 'Which route table a subnet uses. A subnet without one uses the main table of its VPC.';
comment on column ec2.route_table_association.region is 'The AWS region, as in us-east-1.';
comment on column ec2.route_table_association.subnet is '@immutable @cascade The subnet.';
comment on column ec2.route_table_association.route_table is 'The route table that it uses. It changes in place, without a moment on the main table.';
comment on column ec2.route_table_association.route_table_association_id is '@identity The id that AWS gave it: rtbassoc-0a1b2c…. Another table means another id.';

select iasql.register('ec2.route_table_association');
