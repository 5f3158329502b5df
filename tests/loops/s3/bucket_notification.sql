-- Who is told what happens in a bucket, through the whole loop. moto does not tell whether EventBridge is told.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-notifications'), ('other-loop-of-notifications');
insert into sqs.queue (name) values ('uploads');
insert into sns.topic (name) values ('removals');

-- create: PutBucketNotification
insert into s3.bucket_notification (bucket) values ('loop-of-notifications');
insert into s3.bucket_notification_target (bucket, id, queue, prefix) values ('loop-of-notifications', 'uploads', 'uploads', 'in/');

-- update: PutBucketNotification
insert into s3.bucket_notification_target (bucket, id, topic, events) values ('loop-of-notifications', 'removals', 'removals', '{s3:ObjectRemoved:*}');

-- drift: PutBucketNotification
{"targets": [{"id": "theirs", "region": "us-east-1", "lambda_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:theirs", "events": ["s3:ObjectCreated:*"], "prefix": "", "suffix": ""}]}

-- lost: PutBucketNotification

-- replace: PutBucketNotification PutBucketNotification
update s3.bucket_notification set bucket = 'other-loop-of-notifications';

-- delete: PutBucketNotification
delete from s3.bucket_notification;

-- adopt:
insert into s3.bucket_notification (bucket) values ('loop-of-notifications');
insert into s3.bucket_notification_target (bucket, id, queue) values ('loop-of-notifications', 'uploads', 'uploads');
