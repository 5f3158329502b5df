-- A launch template, through the whole loop.
--
-- The emulator shows a template with the tags that it was made with, whatever became of them: changed tags are not walked.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.security_group (name, vpc) values ('web', 'shop'), ('ops', 'shop');
insert into iam.instance_profile (name) values ('shop'), ('store');

-- create: CreateLaunchTemplate
insert into ec2.launch_template (name, image_id, instance_type, instance_profile, user_data, http_tokens, http_put_response_hop_limit)
  values ('web', 'ami-0123456789abcdef0', 't3.micro', 'shop', 'echo hello', 'required', 2);
insert into ec2.launch_template_security_group (launch_template, security_group) values ('web', 'web'), ('web', 'ops');
insert into ec2.launch_template_block_device (launch_template, device_name, volume_size, volume_type)
  values ('web', '/dev/xvda', 20, 'gp3'), ('web', '/dev/sdf', 100, null);

-- update: CreateLaunchTemplateVersion ModifyLaunchTemplate
update ec2.launch_template set instance_type = 't3.large', monitoring = true, user_data = 'echo goodbye';

-- update: CreateLaunchTemplateVersion ModifyLaunchTemplate
update ec2.launch_template set user_data = null, monitoring = null;

-- update: CreateLaunchTemplateVersion ModifyLaunchTemplate
update ec2.launch_template_block_device set delete_on_termination = true where device_name = '/dev/xvda';

-- another profile, and then one by its name
-- update: CreateLaunchTemplateVersion ModifyLaunchTemplate
update ec2.launch_template set instance_profile = 'store';

-- update: CreateLaunchTemplateVersion ModifyLaunchTemplate
update ec2.launch_template set instance_profile = null, iam_instance_profile = 'shop';

-- drift: CreateLaunchTemplateVersion ModifyLaunchTemplate
{"instance_type": "t3.small"}

-- lost: CreateLaunchTemplate

-- never: rename
-- replace: CreateLaunchTemplate DeleteLaunchTemplate
update ec2.launch_template set name = 'front';

-- delete: DeleteLaunchTemplate
delete from ec2.launch_template;

-- adopt: CreateTags
insert into ec2.launch_template (name, instance_type) values ('web', 't3.micro');
