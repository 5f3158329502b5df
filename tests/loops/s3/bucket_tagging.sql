-- The tags of a bucket, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-tags'), ('other-loop-of-tags');

-- create: PutBucketTagging
insert into s3.bucket_tagging (bucket, tags) values ('loop-of-tags', '{"team": "a"}');

-- update: PutBucketTagging
update s3.bucket_tagging set tags = '{"team": "b", "Name": "Tags"}';

-- drift: PutBucketTagging
{"tags": {"team": "c"}}

-- lost: PutBucketTagging

-- replace: PutBucketTagging DeleteBucketTagging
update s3.bucket_tagging set bucket = 'other-loop-of-tags';

-- delete: DeleteBucketTagging
delete from s3.bucket_tagging;

-- adopt:
insert into s3.bucket_tagging (bucket, tags) values ('loop-of-tags', '{"team": "a"}');
