-- A function: code that runs when something happens. And where in a network it runs.

create table lambda.function (
  region                 text    not null default iasql.default_region(),
  name                   text    not null,
  role                   text    not null,
  package_type           text    not null default 'Zip',
  s3_bucket              text,
  s3_key                 text,
  s3_object_version      text,
  image_uri              text,
  zip_file               text,
  zip_file_version       uuid,
  source_code_hash       text,
  architectures          text[],
  runtime                text,
  handler                text,
  description            text,
  memory_size            integer,
  timeout                integer,
  ephemeral_storage_size integer,
  environment            jsonb,
  environment_version    uuid,
  kms_key                text,
  layers                 text[],
  dead_letter_target_arn text,
  tracing_mode           text,
  tags                   jsonb   not null default '{}',
  state                  text,
  last_modified          text,
  arn                    text,
  primary key (region, name),
  foreign key (role) references iam.role (name) on update cascade,
  foreign key (s3_bucket) references s3.bucket (name) on update cascade,
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
  constraint a_function_name_has_1_to_64_letters_digits_hyphens_and_underscores
    check (name ~ '^[a-zA-Z0-9_-]{1,64}$'),
  constraint a_package_is_a_zip_or_an_image
    check (package_type in ('Zip', 'Image')),
  constraint code_is_an_object_in_s3_an_image_or_a_zip_file
    check (num_nonnulls(s3_bucket, image_uri, zip_file) = 1),
  constraint an_image_is_in_a_package_of_type_image
    check ((package_type = 'Image') = (image_uri is not null)),
  constraint an_object_in_s3_has_a_bucket_and_a_key
    check ((s3_bucket is null) = (s3_key is null) and (s3_object_version is null or s3_key is not null)),
  -- it is kept in a tag, since AWS does not tell where code came from
  constraint a_key_in_s3_has_up_to_256_letters_digits_spaces_and_some_signs
    check (s3_key ~ '^[a-zA-Z0-9 +=._:/@-]+$' and length(s3_key) <= 256),
  constraint a_zip_file_is_base64_of_at_most_50_megabytes
    check (zip_file ~ '^[A-Za-z0-9+/]+={0,2}$' and length(zip_file) <= 69905068),
  constraint a_zip_has_a_runtime_and_a_handler_and_an_image_has_none
    check ((package_type = 'Zip') = (runtime is not null) and (package_type = 'Zip') = (handler is not null)),
  constraint there_is_one_architecture_x86_64_or_arm64
    check (cardinality(architectures) = 1 and architectures <@ array['x86_64', 'arm64']),
  constraint a_description_has_at_most_256_characters
    check (length(description) <= 256),
  constraint memory_is_128_to_10240_megabytes
    check (memory_size between 128 and 10240),
  constraint a_timeout_is_1_to_900_seconds
    check (timeout between 1 and 900),
  constraint ephemeral_storage_is_512_to_10240_megabytes
    check (ephemeral_storage_size between 512 and 10240),
  constraint an_environment_is_texts_by_name
    check (iasql.are_tags(environment - 'Name')),
  constraint there_are_at_most_5_layers
    check (cardinality(layers) <= 5),
  constraint tracing_is_active_or_passthrough
    check (tracing_mode in ('Active', 'PassThrough')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table lambda.function is 'A function: code that runs when something happens. Who may call it stands in lambda.permission.';
comment on column lambda.function.region is 'The AWS region, as in us-east-1.';
comment on column lambda.function.name is '@immutable Its name.';
comment on column lambda.function.role is 'The role that its code has.';
comment on column lambda.function.package_type is '@immutable Zip, or Image for one with an image_uri.';
comment on column lambda.function.s3_bucket is 'Its code: the bucket of a zip file, in the same region. AWS does not tell where code came from, so this is kept in a tag.';
comment on column lambda.function.s3_key is 'Its code: the key of the zip file in the bucket. Another key is other code.';
comment on column lambda.function.s3_object_version is 'Its code: the version of the object, in a bucket that keeps versions. Another version is other code.';
comment on column lambda.function.image_uri is 'Its code: a container image in ECR: 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1.';
comment on column lambda.function.zip_file is '@secret Its code: a small zip file itself, in base64. It is never read back, but compared by its hash.';
comment on column lambda.function.zip_file_version is '@version Another one at each write of zip_file; kept in a tag.';
comment on column lambda.function.source_code_hash is 'The SHA-256 of the zip file, in base64. With zip_file it is worked out by itself; with S3 it may be given, so that code which somebody else put there is noticed. NULL: whatever it is.';
comment on column lambda.function.architectures is 'What its code runs on: {x86_64} or {arm64}. NULL: as it is, at first x86_64.';
comment on column lambda.function.runtime is 'What runs its code, as in python3.13 or nodejs22.x. NULL with an image, which has its own.';
comment on column lambda.function.handler is 'What is called, as in main.handler. NULL with an image, which has its own.';
comment on column lambda.function.description is 'What it is for. NULL: as it is; an empty text: nothing.';
comment on column lambda.function.memory_size is 'Its memory in MB; the more, the more of a processor it has. NULL: as it is, at first 128.';
comment on column lambda.function.timeout is 'For how many seconds it may run. NULL: as it is, at first 3.';
comment on column lambda.function.ephemeral_storage_size is 'Its /tmp in MB. NULL: as it is, at first 512.';
comment on column lambda.function.environment is '@secret Its environment variables by name; ''{}'': none. They may hold secrets, so they are shown nowhere; that somebody else changed them is noticed all the same. NULL: as they are.';
comment on column lambda.function.environment_version is '@version Another one at each write of environment; kept in a tag, with a check sum of what was written.';
comment on column lambda.function.kms_key is '@exact The key that encrypts its environment variables. NULL: none of yours, AWS encrypts them with its own.';
comment on column lambda.function.layers is 'The layers that its code stands on, by the ARNs of their versions, the lowest first. NULL: as they are; ''{}'': none.';
comment on column lambda.function.dead_letter_target_arn is 'Where events go that it failed on: the ARN of a queue or a topic. NULL: as it is; an empty text: nowhere.';
comment on column lambda.function.tracing_mode is 'Active: X-Ray traces its calls; PassThrough: those that are traced already. NULL: as it is, at first PassThrough.';
comment on column lambda.function.tags is 'Tags by key.';
comment on column lambda.function.state is '@cloud What it is doing: Pending, Active, Inactive, Failed.';
comment on column lambda.function.last_modified is '@cloud When it was last changed.';
comment on column lambda.function.arn is '@identity The name that AWS gave it: arn:aws:lambda:….';

-- The hash that AWS will show for the code; one that was worked out goes with the zip file it is of.
create function lambda.hash_code() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.zip_file is not null then
    new.source_code_hash := encode(sha256(decode(new.zip_file, 'base64')), 'base64');
  elsif tg_op = 'UPDATE' then
    if old.zip_file is not null and new.source_code_hash is not distinct from old.source_code_hash then
      new.source_code_hash := null;
    end if;
  end if;
  return new;
exception when invalid_parameter_value then
  -- no base64: a constraint says so, or AWS does
  return new;
end
$$;
comment on function lambda.hash_code is 'Works out the hash of a zip file: a trigger.';

create trigger hash_code before insert or update on lambda.function
  for each row execute function lambda.hash_code();

select iasql.register('lambda.function');

create table lambda.function_subnet (
  region   text not null default iasql.default_region(),
  function text not null,
  subnet   text not null,
  primary key (region, function, subnet),
  foreign key (region, function) references lambda.function (region, name) on update cascade on delete cascade,
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade
);

comment on table lambda.function_subnet is 'The subnets that a function reaches a network from. No row: as it is, at first none.';
comment on column lambda.function_subnet.region is 'The AWS region, as in us-east-1.';
comment on column lambda.function_subnet.function is '@part subnets The function.';
comment on column lambda.function_subnet.subnet is 'A subnet.';

select iasql.register('lambda.function_subnet');

create table lambda.function_security_group (
  region         text not null default iasql.default_region(),
  function       text not null,
  security_group text not null,
  primary key (region, function, security_group),
  foreign key (region, function) references lambda.function (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table lambda.function_security_group is 'The security groups that a function carries in its subnets. No row: as it is, at first none.';
comment on column lambda.function_security_group.region is 'The AWS region, as in us-east-1.';
comment on column lambda.function_security_group.function is '@part security_groups The function.';
comment on column lambda.function_security_group.security_group is 'A security group.';

select iasql.register('lambda.function_security_group');
