-- Which instance has a volume, and under which name.

create table ec2.volume_attachment (
  region   text not null default iasql.default_region(),
  volume   text not null,
  instance text not null,
  device   text not null,
  state    text,
  primary key (region, volume),
  foreign key (region, volume) references ec2.volume (region, name) on update cascade,
  foreign key (region, instance) references ec2.instance (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
  constraint a_device_is_named_as_in_dev_sdf_or_xvdf
    check (device ~ '^(/dev/(sd[b-z]([1-9]|1[0-5])?|xvd[b-z][a-z]?|hd[b-z]|sd[b-d][a-z])|xvd[b-z][a-z]?)$')
);

comment on table ec2.volume_attachment is 'Which instance has a volume. Where the instance is replaced, the volume stays and moves over to the new one.';
comment on column ec2.volume_attachment.region is 'The AWS region, as in us-east-1.';
comment on column ec2.volume_attachment.volume is '@immutable The volume.';
comment on column ec2.volume_attachment.instance is '@immutable @cascade The instance that has it, in the same zone.';
comment on column ec2.volume_attachment.device is '@immutable Under which name the instance has it, as in /dev/sdf or xvdf. Its system may call it another.';
comment on column ec2.volume_attachment.state is '@cloud attaching, attached, busy, detaching.';

select iasql.register('ec2.volume_attachment');
