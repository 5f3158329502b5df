-- A function, through the whole loop. Its name is the API's own, so another name is another function.
-- modules: lambda
-- never: rename

-- ground
insert into iam.role (name, assume_role_policy_document) values ('shop',
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.security_group (name, vpc, description) values ('shop', 'shop', 'for a test');

-- create: CreateFunction
insert into lambda.function (name, role, runtime, handler, zip_file, environment) values
  ('shop', 'shop', 'python3.13', 'main.handler', 'UEsDBBQAAAAAAAAAIVgTqxJeEAAAABAAAAAHAAAAbWFpbi5weWhhbmRsZXIgPSBwcmludApQSwECFAMUAAAAAAAAACFYE6sSXhAAAAAQAAAABwAAAAAAAAAAAAAAgAEAAAAAbWFpbi5weVBLBQYAAAAAAQABADUAAAA1AAAAAAA=', '{"PASSWORD": "hunter2"}');

-- update: UpdateFunctionConfiguration
update lambda.function set memory_size = 256, timeout = 30, description = 'A shop';

-- update: UpdateFunctionConfiguration
insert into lambda.function_subnet (function, subnet) values ('shop', 'shop');
insert into lambda.function_security_group (function, security_group) values ('shop', 'shop');

-- update: TagResource UpdateFunctionConfiguration
update lambda.function set environment = '{"PASSWORD": "hunter3"}';

-- update: TagResource UpdateFunctionCode UpdateFunctionConfiguration
update lambda.function set zip_file = 'UEsDBBQAAAAAAAAAIVj767E9DgAAAA4AAAAHAAAAbWFpbi5weWhhbmRsZXIgPSBsZW4KUEsBAhQDFAAAAAAAAAAhWPvrsT0OAAAADgAAAAcAAAAAAAAAAAAAAIABAAAAAG1haW4ucHlQSwUGAAAAAAEAAQA1AAAAMwAAAAAA', tags = '{"team": "a"}', handler = 'main.other';

-- drift: UpdateFunctionConfiguration
{"memory_size": 512}

-- drift: TagResource UpdateFunctionConfiguration
{"environment": {"PASSWORD": "theirs"}, "environment_version": "0f0f0f0f-0000-4000-8000-000000000001"}

-- lost: CreateFunction

-- replace: DeleteFunction CreateFunction
update lambda.function set package_type = 'Image', runtime = null, handler = null, zip_file = null,
  image_uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1';

-- update: UpdateFunctionCode
update lambda.function set image_uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:2';

-- delete: DeleteFunction
delete from lambda.function;

-- adopt: TagResource
insert into lambda.function (name, role, runtime, handler, zip_file) values ('shop', 'shop', 'python3.13', 'main.handler', 'UEsDBBQAAAAAAAAAIVgTqxJeEAAAABAAAAAHAAAAbWFpbi5weWhhbmRsZXIgPSBwcmludApQSwECFAMUAAAAAAAAACFYE6sSXhAAAAAQAAAABwAAAAAAAAAAAAAAgAEAAAAAbWFpbi5weVBLBQYAAAAAAQABADUAAAA1AAAAAAA=');
