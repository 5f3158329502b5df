-- Which other websites' pages may use a bucket, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-cors'), ('other-loop-of-cors');

-- create: PutBucketCors
insert into s3.bucket_cors (bucket) values ('loop-of-cors');
insert into s3.bucket_cors_rule (bucket, id, allowed_methods, allowed_origins, max_age_seconds) values
  ('loop-of-cors', 'shop', '{PUT,GET}', '{https://shop.example.com,https://example.com}', 60), ('loop-of-cors', 'everybody', '{GET}', '{*}', null);

-- update: PutBucketCors
delete from s3.bucket_cors_rule where id = 'everybody';
update s3.bucket_cors_rule set allowed_headers = '{*}';

-- drift: PutBucketCors
{"rules": [{"id": "theirs", "allowed_methods": ["GET"], "allowed_origins": ["*"], "allowed_headers": [], "expose_headers": []}]}

-- lost: PutBucketCors

-- replace: PutBucketCors DeleteBucketCors
update s3.bucket_cors set bucket = 'other-loop-of-cors';

-- delete: DeleteBucketCors
delete from s3.bucket_cors;

-- adopt:
insert into s3.bucket_cors (bucket) values ('loop-of-cors');
insert into s3.bucket_cors_rule (bucket, id, allowed_methods, allowed_origins) values ('loop-of-cors', 'everybody', '{GET}', '{*}');
