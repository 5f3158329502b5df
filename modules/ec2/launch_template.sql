-- A launch template: what instances are started with, by groups of them or by hand.

create table ec2.launch_template (
  region                               text    not null default iasql.default_region(),
  name                                 text    not null,
  image_id                             text,
  instance_type                        text,
  key_pair                             text,
  instance_profile                     text,
  iam_instance_profile                 text,
  ebs_optimized                        boolean,
  monitoring                           boolean,
  http_tokens                          text,
  http_put_response_hop_limit          integer,
  http_endpoint                        text,
  disable_api_termination              boolean,
  instance_initiated_shutdown_behavior text,
  user_data                            text,
  user_data_version                    uuid,
  tags                                 jsonb   not null default '{}',
  launch_template_id                   text,
  default_version_number               bigint,
  latest_version_number                bigint,
  primary key (region, name),
  foreign key (region, key_pair) references ec2.key_pair (region, name) on update cascade,
  foreign key (instance_profile) references iam.instance_profile (name) on update cascade,
  constraint a_launch_template_name_has_3_to_128_letters_digits_and_signs
    check (name ~ '^[a-zA-Z0-9()./_-]{3,128}$'),
  constraint an_image_id_starts_with_ami_or_is_resolved_by_ssm
    check (starts_with(image_id, 'ami-') or starts_with(image_id, 'resolve:ssm:')),
  constraint an_instance_type_has_a_family_and_a_size
    check (instance_type ~ '^[a-z0-9-]+\.[a-z0-9-]+$'),
  constraint a_launch_template_has_an_instance_profile_or_names_one
    check (num_nonnulls(instance_profile, iam_instance_profile) <= 1),
  constraint an_iam_instance_profile_is_named
    check (iam_instance_profile <> ''),
  constraint http_tokens_are_required_or_optional
    check (http_tokens in ('required', 'optional')),
  constraint http_put_response_hop_limit_goes_from_1_to_64
    check (http_put_response_hop_limit between 1 and 64),
  constraint http_endpoint_is_enabled_or_disabled
    check (http_endpoint in ('enabled', 'disabled')),
  constraint instance_initiated_shutdown_behavior_is_stop_or_terminate
    check (instance_initiated_shutdown_behavior in ('stop', 'terminate')),
  constraint user_data_has_at_most_16384_bytes
    check (octet_length(user_data) <= 16384),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ec2.launch_template is 'A launch template: what instances are started with. A row says what its default version says; a change is a new version, which becomes the default. Versions that were are kept. NULL here means that the template says nothing about it.';
comment on column ec2.launch_template.region is 'The AWS region, as in us-east-1.';
comment on column ec2.launch_template.name is '@immutable Its name (LaunchTemplateName).';
comment on column ec2.launch_template.image_id is '@exact The image (AMI): ami-0a1b2c…, or resolve:ssm:<parameter>.';
comment on column ec2.launch_template.instance_type is '@exact The hardware, as in t3.micro.';
comment on column ec2.launch_template.key_pair is '@exact The key pair for the first login.';
comment on column ec2.launch_template.instance_profile is '@exact The instance profile whose role the instances have, where it is a row of iam.instance_profile.';
comment on column ec2.launch_template.iam_instance_profile is '@exact The name of one that is not.';
comment on column ec2.launch_template.ebs_optimized is '@exact Whether their way to EBS volumes is their own.';
comment on column ec2.launch_template.monitoring is '@exact Whether they are monitored every minute instead of every five.';
comment on column ec2.launch_template.http_tokens is '@exact Whether their metadata service asks for a token (IMDSv2): required or optional.';
comment on column ec2.launch_template.http_put_response_hop_limit is '@exact How many hops a token may go, from 1 to 64; containers need 2.';
comment on column ec2.launch_template.http_endpoint is '@exact Whether they have a metadata service: enabled or disabled.';
comment on column ec2.launch_template.disable_api_termination is '@exact Whether they are protected from being terminated.';
comment on column ec2.launch_template.instance_initiated_shutdown_behavior is '@exact What a shutdown from inside means: stop or terminate.';
comment on column ec2.launch_template.user_data is '@secret What they run or read at their first start, as plain text; never read back. NULL: none.';
comment on column ec2.launch_template.user_data_version is '@version @exact Another one at each write of user_data; kept in the description of the template''s version.';
comment on column ec2.launch_template.tags is 'Tags of the template by key.';
comment on column ec2.launch_template.launch_template_id is '@identity The id that AWS gave it: lt-0a1b2c….';
comment on column ec2.launch_template.default_version_number is '@cloud The version that counts where none is named: the one that this row says.';
comment on column ec2.launch_template.latest_version_number is '@cloud The newest version.';

select iasql.register('ec2.launch_template');

create table ec2.launch_template_security_group (
  region          text not null default iasql.default_region(),
  launch_template text not null,
  security_group  text not null,
  primary key (region, launch_template, security_group),
  foreign key (region, launch_template) references ec2.launch_template (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table ec2.launch_template_security_group is 'The security groups that instances of a launch template carry. No row: they stay as they are, at first none.';
comment on column ec2.launch_template_security_group.region is 'The AWS region, as in us-east-1.';
comment on column ec2.launch_template_security_group.launch_template is '@part security_groups The launch template.';
comment on column ec2.launch_template_security_group.security_group is 'A security group that they carry.';

select iasql.register('ec2.launch_template_security_group');

create table ec2.launch_template_block_device (
  region                text    not null default iasql.default_region(),
  launch_template       text    not null,
  device_name           text    not null,
  volume_size           integer,
  volume_type           text,
  iops                  integer,
  throughput            integer,
  snapshot_id           text,
  encrypted             boolean,
  kms_key_id            text,
  delete_on_termination boolean,
  primary key (region, launch_template, device_name),
  foreign key (region, launch_template) references ec2.launch_template (region, name) on update cascade on delete cascade,
  constraint a_device_name_has_letters_digits_and_slashes
    check (device_name ~ '^[a-z0-9/]{1,32}$'),
  constraint a_volume_has_1_to_65536_gib
    check (volume_size between 1 and 65536),
  constraint a_volume_type_is_gp3_gp2_io2_io1_st1_sc1_or_standard
    check (volume_type in ('gp3', 'gp2', 'io2', 'io1', 'st1', 'sc1', 'standard')),
  constraint a_snapshot_id_starts_with_snap
    check (starts_with(snapshot_id, 'snap-'))
);

comment on table ec2.launch_template_block_device is 'The disks that instances of a launch template are started with. No row: they stay as they are, at first the image''s. NULL: the template says nothing about it.';
comment on column ec2.launch_template_block_device.region is 'The AWS region, as in us-east-1.';
comment on column ec2.launch_template_block_device.launch_template is '@part block_devices The launch template.';
comment on column ec2.launch_template_block_device.device_name is 'The device, as in /dev/xvda.';
comment on column ec2.launch_template_block_device.volume_size is 'In GiB.';
comment on column ec2.launch_template_block_device.volume_type is 'gp3, gp2, io2, io1, st1, sc1 or standard.';
comment on column ec2.launch_template_block_device.iops is 'Operations a second, for gp3, io1 and io2.';
comment on column ec2.launch_template_block_device.throughput is 'MiB a second, for gp3.';
comment on column ec2.launch_template_block_device.snapshot_id is 'The snapshot that it starts with.';
comment on column ec2.launch_template_block_device.encrypted is 'Whether it is encrypted.';
comment on column ec2.launch_template_block_device.kms_key_id is 'The KMS key that encrypts it, by its ARN, id or alias.';
comment on column ec2.launch_template_block_device.delete_on_termination is 'Whether it goes with the instance.';

select iasql.register('ec2.launch_template_block_device');
