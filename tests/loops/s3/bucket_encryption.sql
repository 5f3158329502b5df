-- How a bucket encrypts, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-encryption'), ('other-loop-of-encryption');

-- create: PutBucketEncryption
insert into s3.bucket_encryption (bucket, sse_algorithm, bucket_key_enabled) values ('loop-of-encryption', 'aws:kms', true);

-- update: PutBucketEncryption
update s3.bucket_encryption set bucket_key_enabled = false;

-- drift: PutBucketEncryption
{"bucket_key_enabled": true}

-- lost: PutBucketEncryption

-- replace: PutBucketEncryption DeleteBucketEncryption
update s3.bucket_encryption set bucket = 'other-loop-of-encryption';

-- delete: DeleteBucketEncryption
delete from s3.bucket_encryption;

-- adopt:
insert into s3.bucket_encryption (bucket, sse_algorithm) values ('loop-of-encryption', 'aws:kms');
