-- A topic: what is sent to it goes on to all who subscribe to it.

create table sns.topic (
  region                      text    not null default iasql.default_region(),
  name                        text    not null,
  fifo_topic                  boolean not null default false,
  content_based_deduplication boolean,
  display_name                text,
  policy                      jsonb,
  delivery_policy             jsonb,
  kms_key                     text,
  tracing_config              text,
  signature_version           text,
  tags                        jsonb   not null default '{}',
  arn                         text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
  constraint a_topic_name_has_1_to_256_letters_digits_hyphens_and_underscores
    check (length(name) <= 256 and name ~ '^[A-Za-z0-9_-]+(\.fifo)?$'),
  constraint the_name_of_a_fifo_topic_and_of_no_other_ends_in_fifo
    check (fifo_topic = (name ~ '\.fifo$')),
  constraint only_a_fifo_topic_has_deduplication
    check (fifo_topic or content_based_deduplication is null),
  constraint a_display_name_has_at_most_100_characters
    check (length(display_name) <= 100),
  constraint a_policy_has_statements_or_is_an_empty_object
    check (jsonb_typeof(policy) = 'object' and (policy -> 'Statement' -> 0 is not null or policy = '{"Version": "2008-10-17"}')),
  constraint a_delivery_policy_is_an_object
    check (jsonb_typeof(delivery_policy) = 'object'),
  constraint tracing_config_is_passthrough_or_active
    check (tracing_config in ('PassThrough', 'Active')),
  constraint signature_version_is_1_or_2
    check (signature_version in ('1', '2')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table sns.topic is 'A topic: what is sent to it goes on to all who subscribe to it (sns.subscription).';
comment on column sns.topic.region is 'The AWS region, as in us-east-1.';
comment on column sns.topic.name is '@immutable Its name. That of a FIFO topic ends in .fifo.';
comment on column sns.topic.fifo_topic is '@immutable Whether messages keep their order and go out exactly once.';
comment on column sns.topic.content_based_deduplication is 'FIFO: whether messages of the same body are the same. NULL: as it is, at first not.';
comment on column sns.topic.display_name is 'Who mails and text messages are from. NULL: as it is, at first nobody; an empty text: nobody.';
comment on column sns.topic.policy is 'Who may send to it and subscribe, in AWS'' policy language, kept in one spelling. NULL: as it is, at first the account''s own only; {}: the account''s own only.';
comment on column sns.topic.delivery_policy is 'How often HTTP deliveries are tried again, as AWS spells it. NULL: as it is, at first AWS'' own way; {}: AWS'' own way.';
comment on column sns.topic.kms_key is '@exact The KMS key that encrypts its messages. NULL: none.';
comment on column sns.topic.tracing_config is 'Whether X-Ray follows its messages: PassThrough or Active. NULL: as it is, at first PassThrough.';
comment on column sns.topic.signature_version is 'How HTTP deliveries are signed: 1 (SHA1) or 2 (SHA256). NULL: as it is, at first 1.';
comment on column sns.topic.tags is 'Tags by key.';
comment on column sns.topic.arn is '@identity The name that AWS gave it: arn:aws:sns:….';

create trigger spell_policy before insert or update on sns.topic
  for each row execute function iasql.spell_policy('policy');

select iasql.register('sns.topic');
