-- A function, the role it has, and somebody who may call it.

insert into iam.role (name, assume_role_policy_document) values ('shop',
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');
insert into lambda.function (name, role, runtime, handler, zip_file, environment) values
  ('shop', 'shop', 'python3.13', 'main.handler', 'UEsDBBQAAAAAAAAAIVgTqxJeEAAAABAAAAAHAAAAbWFpbi5weWhhbmRsZXIgPSBwcmludApQSwECFAMUAAAAAAAAACFYE6sSXhAAAAAQAAAABwAAAAAAAAAAAAAAgAEAAAAAbWFpbi5weVBLBQYAAAAAAQABADUAAAA1AAAAAAA=', '{"PASSWORD": "hunter2"}');
insert into lambda.permission (function, statement_id, principal) values ('shop', 'sns', 'sns.amazonaws.com');
