-- Who is told what happens in a bucket.

create table s3.bucket_notification (
  bucket       text    not null primary key references s3.bucket (name) on update cascade,
  event_bridge boolean not null default false
);

comment on table s3.bucket_notification is 'Who is told what happens in a bucket: EventBridge, and whoever stands in s3.bucket_notification_target. Deleting the row ends all of it.';
comment on column s3.bucket_notification.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_notification.event_bridge is 'Whether EventBridge is told everything.';

select iasql.register('s3.bucket_notification');

create table s3.bucket_notification_target (
  bucket              text   not null,
  id                  text   not null,
  region              text   not null default iasql.default_region(),
  queue               text,
  topic               text,
  lambda_function_arn text,
  events              text[] not null default '{s3:ObjectCreated:*}',
  prefix              text   not null default '',
  suffix              text   not null default '',
  primary key (bucket, id),
  foreign key (bucket) references s3.bucket_notification (bucket) on update cascade on delete cascade,
  foreign key (region, queue) references sqs.queue (region, name) on update cascade,
  foreign key (region, topic) references sns.topic (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html
  constraint an_id_has_1_to_255_characters
    check (length(id) between 1 and 255),
  constraint one_queue_topic_or_function_is_told
    check (num_nonnulls(queue, topic, lambda_function_arn) = 1),
  constraint a_function_is_in_the_row_s_region
    check (split_part(lambda_function_arn, ':', 4) = region),
  constraint events_begin_with_s3
    check (events <> '{}' and array_to_string(events, ' ') ~ '^s3:[A-Za-z:*]+( s3:[A-Za-z:*]+)*$')
);

comment on table s3.bucket_notification_target is 'Who is told what happens in a bucket. AWS tries whether S3 may tell them: their policies must let it. Where there are rows they are all who are told; to take away the last one, delete the row of s3.bucket_notification.';
comment on column s3.bucket_notification_target.bucket is '@part targets The bucket.';
comment on column s3.bucket_notification_target.id is 'What you call it.';
comment on column s3.bucket_notification_target.region is 'The AWS region of who is told, which is the bucket''s.';
comment on column s3.bucket_notification_target.queue is 'Who is told: a queue.';
comment on column s3.bucket_notification_target.topic is 'Who is told: a topic.';
comment on column s3.bucket_notification_target.lambda_function_arn is 'Who is told: a Lambda function, by its ARN.';
comment on column s3.bucket_notification_target.events is 'What is told, as in s3:ObjectCreated:* or s3:ObjectRemoved:Delete.';
comment on column s3.bucket_notification_target.prefix is 'How the keys begin that it is about; an empty text: any way.';
comment on column s3.bucket_notification_target.suffix is 'How the keys end that it is about; an empty text: any way.';

create trigger sort_lists before insert or update on s3.bucket_notification_target
  for each row execute function s3.sort_lists('events');

select iasql.register('s3.bucket_notification_target');
