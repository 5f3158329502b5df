-- That a bucket is a website, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-websites'), ('other-loop-of-websites');

-- create: PutBucketWebsite
insert into s3.bucket_website (bucket, index_document, error_document, routing_rules) values ('loop-of-websites', 'index.html', 'error.html',
  '[{"condition": {"key_prefix_equals": "docs/"}, "redirect": {"replace_key_prefix_with": "documents/"}}]');

-- update: PutBucketWebsite
update s3.bucket_website set index_document = null, error_document = null, routing_rules = '[]', redirect_host_name = 'example.com';

-- drift: PutBucketWebsite
{"redirect_protocol": "https"}

-- lost: PutBucketWebsite

-- replace: PutBucketWebsite DeleteBucketWebsite
update s3.bucket_website set bucket = 'other-loop-of-websites';

-- delete: DeleteBucketWebsite
delete from s3.bucket_website;

-- adopt:
insert into s3.bucket_website (bucket, index_document) values ('loop-of-websites', 'index.html');
