-- A permission: somebody else who may call a function.

create table lambda.permission (
  region                 text not null default iasql.default_region(),
  function               text not null,
  statement_id           text not null,
  action                 text not null default 'lambda:InvokeFunction',
  principal              text not null,
  source_arn             text,
  source_account         text,
  principal_org_id       text,
  function_url_auth_type text,
  permission_id          text,
  primary key (region, function, statement_id),
  foreign key (region, function) references lambda.function (region, name) on update cascade,
  -- https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
  constraint a_statement_id_has_1_to_100_letters_digits_hyphens_and_underscores
    check (statement_id ~ '^[a-zA-Z0-9_-]{1,100}$'),
  constraint an_action_is_one_of_lambda
    check (action ~ '^(lambda:[*]|lambda:[a-zA-Z]+|[*])$'),
  constraint an_account_is_its_12_digits_and_no_arn_of_its_root
    check (principal !~ '^arn:[^:]+:iam::[0-9]{12}:root$'),
  constraint a_source_account_has_12_digits
    check (source_account ~ '^[0-9]{12}$'),
  constraint a_function_url_asks_for_aws_iam_or_nothing
    check (function_url_auth_type in ('AWS_IAM', 'NONE'))
);

comment on table lambda.permission is 'A permission: somebody else (a service, an account) who may call a function. Each is a statement of the function''s policy.';
comment on column lambda.permission.region is 'The AWS region, as in us-east-1.';
comment on column lambda.permission.function is '@immutable @cascade The function.';
comment on column lambda.permission.statement_id is '@immutable Its name in the function''s policy.';
comment on column lambda.permission.action is '@immutable What may be done, as in lambda:InvokeFunction.';
comment on column lambda.permission.principal is '@immutable Who may: a service (sns.amazonaws.com), an account by its 12 digits, the ARN of a user or a role, or * for everybody.';
comment on column lambda.permission.source_arn is '@immutable @exact Only for this thing of the service, by its ARN; * stands for anything. NULL: for any.';
comment on column lambda.permission.source_account is '@immutable @exact Only for things of this account. NULL: of any.';
comment on column lambda.permission.principal_org_id is '@immutable @exact Only for accounts of this organization. NULL: of any.';
comment on column lambda.permission.function_url_auth_type is '@immutable @exact Only through a function URL of this kind: AWS_IAM or NONE. NULL: not only through one.';
comment on column lambda.permission.permission_id is '@identity AWS gives permissions no ids, so this is the function''s ARN and the statement: arn:aws:lambda:…,sns.';

select iasql.register('lambda.permission');
