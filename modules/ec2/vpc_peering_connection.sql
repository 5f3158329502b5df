-- A peering connection: two VPCs that reach each other by private addresses.

create table ec2.vpc_peering_connection (
  region                    text  not null default iasql.default_region(),
  name                      text  not null,
  vpc                       text  not null,
  peer_vpc                  text,
  peer_vpc_id               text,
  peer_region               text,
  peer_owner_id             text,
  accepted                  boolean default true,
  tags                      jsonb not null default '{}',
  vpc_peering_connection_id text,
  status                    text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  foreign key (region, peer_vpc) references ec2.vpc (region, name) on update cascade,
  constraint the_other_side_is_exactly_one_vpc
    check (num_nonnulls(peer_vpc, peer_vpc_id) = 1),
  constraint peer_region_and_peer_owner_id_go_with_peer_vpc_id
    check (peer_vpc_id is not null or num_nonnulls(peer_region, peer_owner_id) = 0),
  constraint a_peer_vpc_id_starts_with_vpc
    check (starts_with(peer_vpc_id, 'vpc-')),
  constraint an_account_has_12_digits
    check (peer_owner_id ~ '^[0-9]{12}$'),
  constraint accepted_is_true_or_null
    check (accepted),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.vpc_peering_connection is 'A peering connection: two VPCs that reach each other by private addresses, once their route tables (ec2.route) say so.';
comment on column ec2.vpc_peering_connection.region is 'The AWS region of the side that asks, as in us-east-1.';
comment on column ec2.vpc_peering_connection.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.vpc_peering_connection.vpc is '@immutable The VPC that asks.';
comment on column ec2.vpc_peering_connection.peer_vpc is '@immutable The VPC that is asked, where it is in the same region and has a row.';
comment on column ec2.vpc_peering_connection.peer_vpc_id is '@immutable The VPC that is asked, by its id, where it is in another region or account: vpc-0a1b2c….';
comment on column ec2.vpc_peering_connection.peer_region is '@immutable The region of the VPC that is asked. NULL: the same.';
comment on column ec2.vpc_peering_connection.peer_owner_id is '@immutable The account of the VPC that is asked. NULL: the same.';
comment on column ec2.vpc_peering_connection.accepted is 'True: where both VPCs are this account''s, the connection is accepted as well; with another account it is accepted there. NULL: somebody else does it.';
comment on column ec2.vpc_peering_connection.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.vpc_peering_connection.vpc_peering_connection_id is '@identity The id that AWS gave it: pcx-0a1b2c….';
comment on column ec2.vpc_peering_connection.status is '@cloud pending-acceptance, provisioning, active; failed (the ranges overlap, or a VPC is not there) or rejected, until AWS forgets it.';

select iasql.register('ec2.vpc_peering_connection');
