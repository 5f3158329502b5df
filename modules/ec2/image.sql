-- An image (AMI): what instances start from. Looked up by name, never made.

create table ec2.image (
  region              text not null default iasql.default_region(),
  image_owner         text not null default 'self',
  name                text not null,
  image_id            text,
  image_name          text,
  owner_id            text,
  creation_date       timestamptz,
  architecture        text,
  root_device_name    text,
  virtualization_type text,
  platform_details    text,
  description         text,
  state               text,
  deprecation_time    timestamptz,
  primary key (region, image_owner, name),
  constraint an_image_owner_is_an_account_id_self_amazon_or_aws_marketplace
    check (image_owner ~ '^([0-9]{12}|self|amazon|aws-marketplace)$'),
  constraint an_image_name_or_pattern_has_1_to_128_characters
    check (length(name) between 1 and 128)
);

comment on table ec2.image is 'An image (AMI): what instances start from. A row looks one up, and makes nothing: of those that match, the newest wins. ec2.latest_image answers its id, and observed.ec2_image has all that is known of it; an instance keeps its own image_id when a newer image comes out.';
comment on column ec2.image.region is 'The AWS region, as in us-east-1.';
comment on column ec2.image.image_owner is 'Whose images are looked at: an account''s id, self, amazon or aws-marketplace. Names can be taken by anybody, so somebody must be named.';
comment on column ec2.image.name is 'The exact name, or a pattern in which * stands for any characters and ? for one: al2023-ami-2023.*-x86_64.';
comment on column ec2.image.image_id is '@cloud The newest image of that name: ami-0a1b2c….';
comment on column ec2.image.image_name is '@cloud Its name in full.';
comment on column ec2.image.owner_id is '@cloud The account that it belongs to.';
comment on column ec2.image.creation_date is '@cloud When it was made.';
comment on column ec2.image.architecture is '@cloud i386, x86_64, arm64, x86_64_mac or arm64_mac.';
comment on column ec2.image.root_device_name is '@cloud The device of its first disk, as in /dev/xvda.';
comment on column ec2.image.virtualization_type is '@cloud hvm or paravirtual.';
comment on column ec2.image.platform_details is '@cloud What it is billed as: Linux/UNIX, Windows, ….';
comment on column ec2.image.description is '@cloud What its owner says that it is.';
comment on column ec2.image.state is '@cloud available: others are not looked at.';
comment on column ec2.image.deprecation_time is '@cloud When its owner lets it go out of date.';

select iasql.register('ec2.image');

-- images are made elsewhere: a row here can only refer to one
alter table ec2.image alter column reference_only set default true;
alter table ec2.image add constraint an_image_can_only_be_referred_to check (reference_only);
