-- An instance profile, through the whole loop.

-- never: rename

-- ground: CreateRole CreateRole
insert into iam.role (name, assume_role_policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}'), ('store', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');

-- create: CreateInstanceProfile AddRoleToInstanceProfile
insert into iam.instance_profile (name, role) values ('shop', 'shop');

-- update: RemoveRoleFromInstanceProfile AddRoleToInstanceProfile
update iam.instance_profile set role = 'store';

-- drift: AddRoleToInstanceProfile
{"role": null}

-- update: RemoveRoleFromInstanceProfile
update iam.instance_profile set role = null;

-- lost: CreateInstanceProfile

-- replace: CreateInstanceProfile DeleteInstanceProfile
update iam.instance_profile set path = '/shop/';

-- delete: DeleteInstanceProfile
delete from iam.instance_profile;

-- adopt:
insert into iam.instance_profile (name, role) values ('shop', 'shop');
