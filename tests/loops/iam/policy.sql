-- A policy, through the whole loop. It is known by its name, so taking it over needs no call.

-- never: rename

-- create: CreatePolicy
insert into iam.policy (name, description, policy_document) values ('shop', 'for the shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}');

-- update: CreatePolicyVersion
update iam.policy set policy_document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}}';

-- drift: CreatePolicyVersion
{"policy_document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": ["*"]}]}}

-- update: CreatePolicyVersion
update iam.policy set policy_document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}';

-- update: CreatePolicyVersion DeletePolicyVersion
update iam.policy set policy_document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}}';

-- replace: CreatePolicy DeletePolicy DeletePolicyVersion DeletePolicyVersion DeletePolicyVersion DeletePolicyVersion
update iam.policy set path = '/shop/';

-- lost: CreatePolicy

-- delete: DeletePolicy
delete from iam.policy;

-- adopt:
insert into iam.policy (name, policy_document) values ('shop', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}');
