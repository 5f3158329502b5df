-- The disks that an instance is started with.

create table ec2.instance_block_device (
  region                text    not null default iasql.default_region(),
  instance              text    not null,
  device_name           text    not null,
  volume_size           integer,
  volume_type           text,
  iops                  integer,
  throughput            integer,
  snapshot_id           text,
  encrypted             boolean,
  kms_key_id            text,
  delete_on_termination boolean,
  primary key (region, instance, device_name),
  foreign key (region, instance) references ec2.instance (region, name) on update cascade on delete cascade,
  constraint a_device_name_has_letters_digits_and_slashes
    check (device_name ~ '^[a-z0-9/]{1,32}$'),
  constraint a_volume_has_1_to_65536_gib
    check (volume_size between 1 and 65536),
  constraint a_volume_type_is_gp3_gp2_io2_io1_st1_sc1_or_standard
    check (volume_type in ('gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard')),
  constraint iops_are_for_gp3_io1_and_io2
    check (iops is null or volume_type is null or volume_type in ('gp3', 'io1', 'io2')),
  constraint throughput_is_for_gp3
    check (throughput is null or volume_type is null or volume_type = 'gp3'),
  constraint a_snapshot_id_starts_with_snap
    check (starts_with(snapshot_id, 'snap-')),
  constraint a_kms_key_id_is_the_arn_of_a_key
    check (kms_key_id ~ '^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$')
);

comment on table ec2.instance_block_device is 'The disks that an instance is started with: its first one (as the image names it, /dev/xvda or /dev/sda1) and others that come and go with it. Disks that no row names are left as they are. A disk that should outlive the instance is a row of ec2.volume.';
comment on column ec2.instance_block_device.region is 'The AWS region, as in us-east-1.';
comment on column ec2.instance_block_device.instance is '@part block_devices The instance.';
comment on column ec2.instance_block_device.device_name is 'The device, as in /dev/xvda. A running instance gets and loses none: that takes another instance.';
comment on column ec2.instance_block_device.volume_size is 'In GiB. It grows in place, and never shrinks. NULL: as large as its snapshot.';
comment on column ec2.instance_block_device.volume_type is 'gp3, gp2, io2, io1, st1, sc1 or standard. It changes in place. NULL: as it is.';
comment on column ec2.instance_block_device.iops is 'Operations a second, for gp3, io1 and io2. It changes in place. NULL: as it is.';
comment on column ec2.instance_block_device.throughput is 'MiB a second, for gp3. It changes in place. NULL: as it is.';
comment on column ec2.instance_block_device.snapshot_id is 'The snapshot that it starts with. NULL: the image''s. It can''t change: that takes another instance.';
comment on column ec2.instance_block_device.encrypted is 'Whether it is encrypted. NULL: as the account or the snapshot has it. It can''t change: that takes another instance.';
comment on column ec2.instance_block_device.kms_key_id is 'The KMS key that encrypts it, by its ARN: arn:aws:kms:…:key/…. NULL: the account''s own for volumes. It can''t change: that takes another instance.';
comment on column ec2.instance_block_device.delete_on_termination is 'Whether it goes with the instance. It changes in place. NULL: as it is.';

select iasql.register('ec2.instance_block_device');

-- whoever refers to instances looks at the new list, too
select iasql.begin_change('ec2.instance');
select iasql.end_change('ec2.instance');
