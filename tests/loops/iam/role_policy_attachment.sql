-- A policy that is attached to a role, through the whole loop. It has no fields but its two sides.

-- never: update rename drift

-- ground: CreateRole CreateRole CreatePolicy
insert into iam.role (name, assume_role_policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}'), ('store', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');
insert into iam.policy (name, policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}');

-- create: AttachRolePolicy
insert into iam.role_policy_attachment (role, policy) values ('shop', 'shop');

-- lost: AttachRolePolicy

-- replace: AttachRolePolicy DetachRolePolicy
update iam.role_policy_attachment set role = 'store';

-- delete: DetachRolePolicy
delete from iam.role_policy_attachment;

-- adopt:
insert into iam.role_policy_attachment (role, policy) values ('shop', 'shop');
