-- An object in a bucket, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-objects');

-- create: PutObject
insert into s3.object (bucket, key, content, content_type, metadata) values ('loop-of-objects', 'docs/index.html', 'Grüße', 'text/html', '{"author": "shop"}');

-- update: PutObject
update s3.object set content = null, content_base64 = 'AAEC', cache_control = 'no-store', metadata = '{}';

-- drift: PutObject
{"content": "theirs"}

-- lost: PutObject

-- replace: PutObject DeleteObject
update s3.object set key = 'docs/index.bin';

-- delete: DeleteObject
delete from s3.object;

-- adopt:
insert into s3.object (bucket, key, content) values ('loop-of-objects', 'robots.txt', 'User-agent: *');
