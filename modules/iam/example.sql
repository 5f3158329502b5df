-- A role for instances that read one bucket, and a user for a program outside of AWS. Policies can be pasted as they are.

insert into iam.policy (name, policy_document) values ('shop-read',
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-pictures/*"}}');

insert into iam.role (name, assume_role_policy_document) values ('shop-web',
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}');
insert into iam.role_policy_attachment (role, policy) values ('shop-web', 'shop-read');
insert into iam.instance_profile (name, role) values ('shop-web', 'shop-web');

insert into iam.user (name) values ('shop-backup');
insert into iam.access_key (user_name) values ('shop-backup');
