-- A function with an environment, and what its row must have.
insert into iam.role (name, assume_role_policy_document) values
  ('r', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');
insert into lambda.function (name, role, runtime, handler, zip_file, environment) values
  ('f', 'r', 'python3.13', 'main.handler', 'UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', '{"A": "b"}');
