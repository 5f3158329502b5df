-- An instance with its disks, through the whole loop.
--
-- The emulator's instances don't notice when one profile is replaced by another: that is in tests/aws/ec2/instance.rs.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.key_pair (name, public_key) values ('me', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIvVoRa8S6KsN9RAq5zz7Q2pEQeUfVFpLHh2TX/+d/c');

insert into iam.role (name, assume_role_policy_document)
  values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');
insert into iam.instance_profile (name, path, role) values ('shop', '/web/', 'shop'), ('store', null, 'shop');

-- create: RunInstances
insert into ec2.instance (name, image_id, instance_type, subnet, key_pair, instance_profile, http_tokens)
  values ('web', 'ami-0123456789abcdef0', 't3.micro', 'shop', 'me', 'shop', 'required');
insert into ec2.instance_block_device (instance, device_name, volume_size, volume_type, delete_on_termination)
  values ('web', '/dev/xvda', 20, 'gp3', true), ('web', '/dev/sdf', 100, null, false);

-- update: ModifyVolume
update ec2.instance_block_device set volume_size = 30 where device_name = '/dev/xvda';

-- update: ModifyInstanceAttribute
update ec2.instance_block_device set delete_on_termination = true where device_name = '/dev/sdf';

-- update: ModifyInstanceMetadataOptions
update ec2.instance set http_put_response_hop_limit = 2;

-- update: CreateTags ModifyInstanceAttribute
update ec2.instance set disable_api_termination = true;

-- update: CreateTags ModifyInstanceAttribute ModifyInstanceAttribute
update ec2.instance set disable_api_termination = false, instance_initiated_shutdown_behavior = 'terminate';

-- update: DisassociateIamInstanceProfile
update ec2.instance set instance_profile = null, iam_instance_profile = '';

-- update: AssociateIamInstanceProfile
update ec2.instance set instance_profile = 'store', iam_instance_profile = null;

-- update: StopInstances
update ec2.instance set desired_state = 'stopped';

-- another type, while it is stopped
-- update: ModifyInstanceAttribute
update ec2.instance set instance_type = 't3.small';

-- update: StartInstances
update ec2.instance set desired_state = 'running';

-- drift: ModifyInstanceMetadataOptions
{"http_tokens": "optional"}

-- drift: StartInstances
{"desired_state": "stopped"}

-- rename: CreateTags
update ec2.instance set name = 'front';

-- replace: TerminateInstances RunInstances
update ec2.instance set image_id = 'ami-0fedcba9876543210';

-- lost: RunInstances

-- delete: TerminateInstances
delete from ec2.instance;

-- adopt: CreateTags
insert into ec2.instance (name, image_id, instance_type, subnet, key_pair) values ('web', 'ami-0123456789abcdef0', 't3.micro', 'shop', 'me');
