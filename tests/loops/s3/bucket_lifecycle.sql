-- What becomes of a bucket's objects with time, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-lifecycles'), ('other-loop-of-lifecycles');

-- create: PutBucketLifecycle
insert into s3.bucket_lifecycle (bucket) values ('loop-of-lifecycles');
insert into s3.bucket_lifecycle_rule (bucket, id, prefix, transitions, expiration_days) values
  ('loop-of-lifecycles', 'logs', 'logs/', '{"GLACIER": 90, "STANDARD_IA": 30}', 365);
insert into s3.bucket_lifecycle_rule (bucket, id, noncurrent_version_expiration_days, abort_incomplete_multipart_upload_days) values
  ('loop-of-lifecycles', 'old', 30, 7);

-- update: PutBucketLifecycle
update s3.bucket_lifecycle_rule set tags = '{"kept": "no"}' where id = 'logs';
delete from s3.bucket_lifecycle_rule where id = 'old';

-- drift: PutBucketLifecycle
{"rules": [{"id": "theirs", "status": "Enabled", "prefix": "", "tags": {}, "transitions": {}, "noncurrent_version_transitions": {}, "expiration_days": 1}]}

-- lost: PutBucketLifecycle

-- replace: PutBucketLifecycle DeleteBucketLifecycle
update s3.bucket_lifecycle set bucket = 'other-loop-of-lifecycles';

-- delete: DeleteBucketLifecycle
delete from s3.bucket_lifecycle;

-- adopt:
insert into s3.bucket_lifecycle (bucket) values ('loop-of-lifecycles');
insert into s3.bucket_lifecycle_rule (bucket, id, expiration_days) values ('loop-of-lifecycles', 'all', 365);
