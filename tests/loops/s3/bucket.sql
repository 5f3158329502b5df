-- A bucket, through the whole loop.

-- never: update drift rename

-- create: CreateBucket
insert into s3.bucket (name) values ('loop-of-buckets');

-- lost: CreateBucket

-- replace: CreateBucket DeleteBucket
update s3.bucket set name = 'loop-of-other-buckets', region = 'eu-central-1';
select iasql.allow_replace('s3.bucket', 'loop-of-other-buckets');

-- delete: DeleteBucket
delete from s3.bucket;

-- adopt:
insert into s3.bucket (name) values ('loop-of-foreign-buckets');
