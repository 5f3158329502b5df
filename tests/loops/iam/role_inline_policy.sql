-- A policy that stands in a role, through the whole loop.

-- never: rename

-- ground: CreateRole
insert into iam.role (name, assume_role_policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');

-- create: PutRolePolicy
insert into iam.role_inline_policy (role, name, policy_document) values ('shop', 'read', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}');

-- update: PutRolePolicy
update iam.role_inline_policy set policy_document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}}';

-- drift: PutRolePolicy
{"policy_document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": ["*"]}]}}

-- lost: PutRolePolicy

-- replace: PutRolePolicy DeleteRolePolicy
update iam.role_inline_policy set name = 'write';

-- delete: DeleteRolePolicy
delete from iam.role_inline_policy;

-- adopt:
insert into iam.role_inline_policy (role, name, policy_document) values ('shop', 'read', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}');
