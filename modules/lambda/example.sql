-- A function that a bucket's events may call. Its code lies in another bucket; write another key to deploy.

insert into iam.role (name, assume_role_policy_document) values
  ('shop-thumbnails', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');

insert into s3.bucket (name) values ('shop-code-4711');

insert into lambda.function (name, role, runtime, handler, s3_bucket, s3_key, memory_size, timeout, environment) values
  ('thumbnails', 'shop-thumbnails', 'python3.13', 'main.handler', 'shop-code-4711', 'thumbnails-1.zip', 512, 30, '{"WIDTH": "200"}');

insert into lambda.permission (function, statement_id, principal, source_arn) values
  ('thumbnails', 'pictures', 's3.amazonaws.com', 'arn:aws:s3:::shop-pictures-4711');
