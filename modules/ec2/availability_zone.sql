-- An availability zone: a part of a region that fails by itself.

create table ec2.availability_zone (
  region               text not null default iasql.default_region(),
  name                 text not null,
  zone_id              text,
  zone_type            text,
  group_name           text,
  network_border_group text,
  opt_in_status        text,
  state                text,
  primary key (region, name),
  constraint an_availability_zone_is_one_of_its_region
    check (starts_with(name, region) and name <> region)
);

comment on table ec2.availability_zone is 'An availability zone, a local zone or a Wavelength zone. It can only be referred to: which there are stands in observed.ec2_availability_zone.';
comment on column ec2.availability_zone.region is 'The AWS region, as in us-east-1.';
comment on column ec2.availability_zone.name is '@immutable Its name in this account, as in us-east-1a.';
comment on column ec2.availability_zone.zone_id is '@cloud Its name in all accounts, as in use1-az4.';
comment on column ec2.availability_zone.zone_type is '@cloud availability-zone, local-zone or wavelength-zone.';
comment on column ec2.availability_zone.group_name is '@cloud The group of zones that it belongs to.';
comment on column ec2.availability_zone.network_border_group is '@cloud From where AWS announces the addresses that are used in it.';
comment on column ec2.availability_zone.opt_in_status is '@cloud opt-in-not-required, opted-in or not-opted-in.';
comment on column ec2.availability_zone.state is '@cloud available, or what is the matter with it.';

select iasql.register('ec2.availability_zone');

alter table ec2.availability_zone
  alter column reference_only set default true,
  add constraint an_availability_zone_can_only_be_referred_to check (reference_only);
