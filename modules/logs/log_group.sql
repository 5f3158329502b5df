-- A log group: streams of messages that are kept for the same time.

create table logs.log_group (
  region                      text    not null default iasql.default_region(),
  name                        text    not null,
  log_group_class             text,
  retention_in_days           integer,
  kms_key                     text,
  deletion_protection_enabled boolean,
  arn                         text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  constraint a_log_group_name_has_1_to_512_letters_digits_and_some_signs
    check (name ~ '^[a-zA-Z0-9_/.#-]+$' and length(name) <= 512),
  constraint a_log_group_name_does_not_start_with_aws_and_a_slash
    check (not starts_with(name, 'aws/')),
  constraint a_log_group_is_of_a_class_that_aws_knows
    check (log_group_class in ('STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY')),
  -- https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  constraint retention_is_0_or_one_of_the_numbers_of_days_that_aws_offers
    check (retention_in_days in (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653))
);

comment on table logs.log_group is '@data A log group: streams of messages that are kept for the same time. CloudWatch Logs tells tags group by group, so they are a table of their own, logs.log_group_tagging; a group is known by its name.';
comment on column logs.log_group.region is 'The AWS region, as in us-east-1.';
comment on column logs.log_group.name is '@immutable Its name, slashes and all: /aws/lambda/shop.';
comment on column logs.log_group.log_group_class is '@immutable STANDARD, INFREQUENT_ACCESS or DELIVERY. NULL: the cloud decides, which means STANDARD.';
comment on column logs.log_group.retention_in_days is 'For how many days messages are kept; 0: for ever. NULL: as it is, at first for ever.';
comment on column logs.log_group.kms_key is '@exact The key that encrypts the messages. NULL: none of yours, AWS encrypts them with its own.';
comment on column logs.log_group.deletion_protection_enabled is 'Whether AWS refuses to delete it. NULL: as it is, at first not.';
comment on column logs.log_group.arn is '@identity The name that AWS gave it, without the :* for its streams: arn:aws:logs:….';

select iasql.register('logs.log_group');
