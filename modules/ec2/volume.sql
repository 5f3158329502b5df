-- A volume: a disk of its own, that outlives the instances it is attached to.

create table ec2.volume (
  region               text    not null default iasql.default_region(),
  name                 text    not null,
  availability_zone    text    not null,
  size                 integer,
  volume_type          text,
  iops                 integer,
  throughput           integer,
  snapshot_id          text,
  encrypted            boolean,
  kms_key              text,
  multi_attach_enabled boolean,
  tags                 jsonb   not null default '{}',
  volume_id            text,
  state                text,
  primary key (region, name),
  constraint an_availability_zone_is_one_of_its_region
    check (starts_with(availability_zone, region) and availability_zone <> region),
  constraint a_volume_has_1_to_65536_gib
    check (size between 1 and 65536),
  constraint a_volume_type_is_gp3_gp2_io2_io1_st1_sc1_or_standard
    check (volume_type in ('gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard')),
  constraint iops_are_for_gp3_io1_and_io2
    check (iops is null or volume_type is null or volume_type in ('gp3', 'io1', 'io2')),
  constraint iops_go_from_100_to_256000
    check (iops between 100 and 256000),
  constraint io1_and_io2_say_their_iops
    check (volume_type not in ('io1', 'io2') or iops is not null),
  constraint throughput_is_for_gp3
    check (throughput is null or volume_type is null or volume_type = 'gp3'),
  constraint throughput_goes_from_125_to_2000_mib_a_second
    check (throughput between 125 and 2000),
  constraint multi_attach_is_for_io1_and_io2
    check (not multi_attach_enabled or volume_type in ('io1', 'io2')),
  constraint a_snapshot_id_starts_with_snap
    check (starts_with(snapshot_id, 'snap-')),
  constraint a_kms_key_is_the_arn_of_a_key
    check (kms_key ~ '^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$'),
  constraint a_volume_with_a_kms_key_is_encrypted
    check (kms_key is null or encrypted is not false),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.volume is '@data A volume: a disk of its own, that outlives the instances it is attached to. Those that are made with an instance are rows of ec2.instance_block_device.';
comment on column ec2.volume.region is 'The AWS region, as in us-east-1.';
comment on column ec2.volume.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.volume.availability_zone is '@immutable The zone, as in us-east-1a: it can be attached to instances there.';
comment on column ec2.volume.size is 'In GiB. It grows in place, and never shrinks. NULL: as large as its snapshot.';
comment on column ec2.volume.volume_type is 'gp3, gp2, io2, io1, st1, sc1 or standard. It changes in place. NULL: as it is, at first what AWS takes (gp2).';
comment on column ec2.volume.iops is 'Operations a second, for gp3, io1 and io2. NULL: as it is, at first 3000 with gp3.';
comment on column ec2.volume.throughput is 'MiB a second, for gp3. NULL: as it is, at first 125.';
comment on column ec2.volume.snapshot_id is '@immutable The snapshot that it starts with: snap-0a1b2c…. NULL: empty.';
comment on column ec2.volume.encrypted is '@immutable Whether it is encrypted. NULL: as the account or the snapshot has it.';
comment on column ec2.volume.kms_key is '@immutable The KMS key that encrypts it, by its ARN: arn:aws:kms:…:key/…. NULL: the account''s own for volumes.';
comment on column ec2.volume.multi_attach_enabled is 'Whether several instances may have it at once, for io1 and io2. NULL: as it is, at first not.';
comment on column ec2.volume.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.volume.volume_id is '@identity The id that AWS gave it: vol-0a1b2c….';
comment on column ec2.volume.state is '@cloud What it is doing: creating, available, in-use, deleting, error.';

select iasql.register('ec2.volume');

alter table ec2.volume add constraint a_volume_has_a_size_or_a_snapshot
  check (num_nonnulls(size, snapshot_id) > 0 or reference_only);
