-- A permission, through the whole loop. Nothing of it changes in place.
-- modules: lambda
-- never: rename update

-- ground
insert into iam.role (name, assume_role_policy_document) values ('shop',
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');
insert into lambda.function (name, role, runtime, handler, zip_file) values ('shop', 'shop', 'python3.13', 'main.handler', 'UEsDBBQAAAAAAAAAIVgTqxJeEAAAABAAAAAHAAAAbWFpbi5weWhhbmRsZXIgPSBwcmludApQSwECFAMUAAAAAAAAACFYE6sSXhAAAAAQAAAABwAAAAAAAAAAAAAAgAEAAAAAbWFpbi5weVBLBQYAAAAAAQABADUAAAA1AAAAAAA=');

-- create: AddPermission
insert into lambda.permission (function, statement_id, principal, source_arn, source_account) values
  ('shop', 'sns', 'sns.amazonaws.com', 'arn:aws:sns:us-east-1:123456789012:shop', '123456789012');

-- lost: AddPermission

-- replace: RemovePermission AddPermission
update lambda.permission set source_account = null, principal = 'events.amazonaws.com';

-- delete: RemovePermission
delete from lambda.permission;

-- adopt:
insert into lambda.permission (function, statement_id, principal) values ('shop', 's3', 's3.amazonaws.com');
