-- A queue: messages wait in it until somebody takes them.

create table sqs.queue (
  region                            text    not null default iasql.default_region(),
  name                              text    not null,
  fifo_queue                        boolean not null default false,
  content_based_deduplication       boolean,
  deduplication_scope               text,
  fifo_throughput_limit             text,
  delay_seconds                     integer,
  maximum_message_size              integer,
  message_retention_period          integer,
  receive_message_wait_time_seconds integer,
  visibility_timeout                integer,
  dead_letter_queue                 text,
  max_receive_count                 integer,
  policy                            jsonb,
  kms_key                           text,
  kms_data_key_reuse_period_seconds integer,
  sqs_managed_sse_enabled           boolean,
  tags                              jsonb   not null default '{}',
  queue_url                         text,
  arn                               text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  foreign key (region, dead_letter_queue) references sqs.queue (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  constraint a_queue_name_has_1_to_80_letters_digits_hyphens_and_underscores
    check (length(name) <= 80 and name ~ '^[A-Za-z0-9_-]+(\.fifo)?$'),
  constraint the_name_of_a_fifo_queue_and_of_no_other_ends_in_fifo
    check (fifo_queue = (name ~ '\.fifo$')),
  constraint only_a_fifo_queue_has_deduplication_and_a_throughput_limit
    check (fifo_queue or num_nonnulls(content_based_deduplication, deduplication_scope, fifo_throughput_limit) = 0),
  constraint deduplication_scope_is_messagegroup_or_queue
    check (deduplication_scope in ('messageGroup', 'queue')),
  constraint fifo_throughput_limit_is_perqueue_or_permessagegroupid
    check (fifo_throughput_limit in ('perQueue', 'perMessageGroupId')),
  constraint a_queue_delays_at_most_15_minutes
    check (delay_seconds between 0 and 900),
  constraint a_message_has_at_most_1024_to_1048576_bytes
    check (maximum_message_size between 1024 and 1048576),
  constraint messages_are_kept_for_60_to_1209600_seconds
    check (message_retention_period between 60 and 1209600),
  constraint receiving_waits_at_most_20_seconds
    check (receive_message_wait_time_seconds between 0 and 20),
  constraint a_received_message_is_hidden_for_0_to_43200_seconds
    check (visibility_timeout between 0 and 43200),
  constraint a_dead_letter_queue_comes_with_a_count
    check ((dead_letter_queue is null) = (max_receive_count is null)),
  constraint a_message_is_received_1_to_1000_times
    check (max_receive_count between 1 and 1000),
  constraint a_dead_letter_queue_is_another_one_and_fifo_where_the_queue_is
    check (dead_letter_queue <> name and (dead_letter_queue ~ '\.fifo$') = fifo_queue),
  constraint a_policy_has_statements_or_is_an_empty_object
    check (jsonb_typeof(policy) = 'object' and (policy -> 'Statement' -> 0 is not null or policy = '{"Version": "2008-10-17"}')),
  constraint a_queue_with_a_key_of_kms_is_not_encrypted_with_keys_of_sqs
    check (kms_key is null or sqs_managed_sse_enabled is not true),
  constraint a_data_key_is_used_for_60_to_86400_seconds
    check (kms_data_key_reuse_period_seconds between 60 and 86400),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table sqs.queue is '@data A queue: messages wait in it until somebody takes them. AWS gives the name of a deleted queue away again only after 60 seconds.';
comment on column sqs.queue.region is 'The AWS region, as in us-east-1.';
comment on column sqs.queue.name is '@immutable Its name. That of a FIFO queue ends in .fifo.';
comment on column sqs.queue.fifo_queue is '@immutable Whether messages keep their order and come exactly once.';
comment on column sqs.queue.content_based_deduplication is 'FIFO: whether messages of the same body are the same. NULL: as it is, at first not.';
comment on column sqs.queue.deduplication_scope is 'FIFO: where the same message is the same: queue or messageGroup. NULL: as it is, at first queue.';
comment on column sqs.queue.fifo_throughput_limit is 'FIFO: what is limited: perQueue or perMessageGroupId. NULL: as it is, at first perQueue.';
comment on column sqs.queue.delay_seconds is 'How long a new message is held back, 0 to 900 seconds. NULL: as it is, at first 0.';
comment on column sqs.queue.maximum_message_size is 'The largest message in bytes, 1024 to 1048576. NULL: as it is, at first the most that SQS takes.';
comment on column sqs.queue.message_retention_period is 'How long a message is kept, 60 to 1209600 seconds. NULL: as it is, at first 345600 (four days).';
comment on column sqs.queue.receive_message_wait_time_seconds is 'How long receiving waits for a message, 0 to 20 seconds. NULL: as it is, at first 0.';
comment on column sqs.queue.visibility_timeout is 'How long a received message is hidden from others, 0 to 43200 seconds. NULL: as it is, at first 30.';
comment on column sqs.queue.dead_letter_queue is '@exact The queue for messages that were received too often. NULL: none.';
comment on column sqs.queue.max_receive_count is '@exact How often a message is received before it goes to the dead letter queue. NULL: there is none.';
comment on column sqs.queue.policy is 'Who else may use the queue, in AWS'' policy language, kept in one spelling. NULL: as it is, at first none; {}: none.';
comment on column sqs.queue.kms_key is 'The KMS key that encrypts its messages. NULL: as it is, at first none; sqs_managed_sse_enabled takes it away.';
comment on column sqs.queue.kms_data_key_reuse_period_seconds is 'How long KMS is not asked again, 60 to 86400 seconds. NULL: as it is, at first 300.';
comment on column sqs.queue.sqs_managed_sse_enabled is 'Whether its messages are encrypted with keys of SQS'' own. NULL: as it is, at first they are.';
comment on column sqs.queue.tags is 'Tags by key.';
comment on column sqs.queue.queue_url is '@cloud Where messages are sent to and received from: https://sqs.….';
comment on column sqs.queue.arn is '@identity The name that AWS gave it: arn:aws:sqs:….';

create trigger spell_policy before insert or update on sqs.queue
  for each row execute function iasql.spell_policy('policy');

select iasql.register('sqs.queue');
