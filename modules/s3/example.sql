-- A bucket that keeps old versions, lets nobody in from outside and wants its callers to use TLS. Its name must be yours alone in the world.

insert into s3.bucket (name) values ('shop-receipts-4711');
insert into s3.bucket_versioning (bucket) values ('shop-receipts-4711');
insert into s3.public_access_block (bucket) values ('shop-receipts-4711');
insert into s3.bucket_encryption (bucket, sse_algorithm, bucket_key_enabled) values ('shop-receipts-4711', 'aws:kms', true);
insert into s3.bucket_tagging (bucket, tags) values ('shop-receipts-4711', '{"team": "shop"}');
insert into s3.bucket_policy (bucket, policy) values ('shop-receipts-4711', '{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::shop-receipts-4711", "arn:aws:s3:::shop-receipts-4711/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}
  }
}');
