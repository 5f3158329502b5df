-- A subscription: where what is sent to a topic goes on to.

create table sns.subscription (
  region                text not null default iasql.default_region(),
  topic                 text not null,
  protocol              text not null,
  queue                 text,
  endpoint              text,
  raw_message_delivery  boolean,
  filter_policy         jsonb,
  filter_policy_scope   text,
  dead_letter_queue     text,
  delivery_policy       jsonb,
  subscription_role_arn text,
  pending_confirmation  boolean,
  subscription_arn      text,
  subscription_id       text,
  constraint an_endpoint_subscribes_once_to_a_topic
    unique nulls not distinct (region, topic, protocol, queue, endpoint),
  foreign key (region, topic) references sns.topic (region, name) on update cascade,
  foreign key (region, queue) references sqs.queue (region, name) on update cascade,
  foreign key (region, dead_letter_queue) references sqs.queue (region, name) on update cascade,
  -- https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
  constraint protocol_is_one_that_sns_knows
    check (protocol in ('sqs', 'lambda', 'http', 'https', 'email', 'email-json', 'sms', 'application', 'firehose')),
  constraint protocol_sqs_has_a_queue_and_others_have_an_endpoint
    check (num_nonnulls(queue, endpoint) = 1 and (protocol = 'sqs') = (queue is not null)),
  constraint raw_messages_go_to_queues_http_and_firehose
    check (raw_message_delivery is not true or protocol in ('sqs', 'http', 'https', 'firehose')),
  constraint a_filter_policy_is_an_object
    check (jsonb_typeof(filter_policy) = 'object'),
  constraint filter_policy_scope_is_messageattributes_or_messagebody
    check (filter_policy_scope in ('MessageAttributes', 'MessageBody')),
  constraint a_filter_policy_scope_comes_with_a_filter_policy
    check (filter_policy_scope is null or filter_policy is not null and filter_policy <> '{}'),
  constraint a_delivery_policy_is_an_object
    check (jsonb_typeof(delivery_policy) = 'object'),
  constraint firehose_and_no_other_has_a_role
    check ((protocol = 'firehose') = (subscription_role_arn is not null))
);

comment on table sns.subscription is 'A subscription: where what is sent to a topic goes on to. Mail and HTTP addresses must confirm it, which nobody waits for; until then AWS neither changes it nor lets it go, and forgets it after some days.';
comment on column sns.subscription.region is 'The AWS region, as in us-east-1.';
comment on column sns.subscription.topic is '@immutable @cascade The topic.';
comment on column sns.subscription.protocol is '@immutable How it is delivered: sqs, lambda, http, https, email, email-json, sms, application or firehose.';
comment on column sns.subscription.queue is '@immutable Where to, with protocol sqs: a queue. The queue''s policy must let the topic send to it.';
comment on column sns.subscription.endpoint is '@immutable Where to, with every other protocol: an address, a telephone number, or an ARN.';
comment on column sns.subscription.raw_message_delivery is 'Whether messages arrive as they were sent, without an envelope. NULL: as it is, at first not.';
comment on column sns.subscription.filter_policy is 'Which messages go on. NULL: as it is, at first all; {}: all.';
comment on column sns.subscription.filter_policy_scope is 'What the filter policy looks at: MessageAttributes or MessageBody. NULL: as it is, at first MessageAttributes.';
comment on column sns.subscription.dead_letter_queue is '@exact The queue for messages that could not be delivered. NULL: none.';
comment on column sns.subscription.delivery_policy is 'How often an HTTP delivery is tried again, as AWS spells it. NULL: as it is, at first as the topic has it; {}: as the topic has it.';
comment on column sns.subscription.subscription_role_arn is 'The role that may write to a Firehose stream, by its ARN.';
comment on column sns.subscription.pending_confirmation is '@cloud Whether it still has to be confirmed by whoever it goes to.';
comment on column sns.subscription.subscription_arn is '@cloud The name that AWS gave it: arn:aws:sns:….';
comment on column sns.subscription.subscription_id is '@identity AWS shows no ARN before it is confirmed, so this is what it connects: arn:aws:sns:…,email,somebody@example.com.';

select iasql.register('sns.subscription');
