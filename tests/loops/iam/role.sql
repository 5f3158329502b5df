-- A role, through the whole loop.

-- never: rename

-- create: CreateRole
insert into iam.role (name, assume_role_policy_document, tags) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}', '{"Name": "a tag"}');

-- update: UpdateAssumeRolePolicy UpdateRole PutRolePermissionsBoundary TagRole UntagRole
update iam.role set description = 'for the shop', max_session_duration = 7200, tags = '{"team": "a"}',
  permissions_boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  assume_role_policy_document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, "Action": "sts:AssumeRole"}}';

-- drift: UpdateAssumeRolePolicy UpdateRole PutRolePermissionsBoundary TagRole
{"description": "theirs", "permissions_boundary": "", "tags": {"team": "b"},
 "assume_role_policy_document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["sts:AssumeRole"]}]}}

-- lost: CreateRole

-- replace: CreateRole DeleteRole
update iam.role set path = '/shop/';

-- update: DeleteRolePermissionsBoundary UpdateRole
update iam.role set permissions_boundary = '', description = '';

-- replace: CreateRole DeleteRole
update iam.role set name = 'store';

-- delete: DeleteRole
delete from iam.role;

-- adopt: TagRole
insert into iam.role (name, assume_role_policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');
