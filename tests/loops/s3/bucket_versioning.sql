-- Whether a bucket keeps versions, through the whole loop. S3 never forgets that it had them, so they are suspended and never lost.

-- never: rename lost

-- ground
insert into s3.bucket (name) values ('loop-of-versions'), ('other-loop-of-versions');

-- create: PutBucketVersioning
insert into s3.bucket_versioning (bucket) values ('loop-of-versions');

-- update: PutBucketVersioning
update s3.bucket_versioning set status = 'Suspended';

-- drift: PutBucketVersioning
{"status": "Enabled"}

-- replace: PutBucketVersioning
update s3.bucket_versioning set bucket = 'other-loop-of-versions';

-- delete:
delete from s3.bucket_versioning;

-- adopt:
insert into s3.bucket_versioning (bucket) values ('loop-of-versions');
