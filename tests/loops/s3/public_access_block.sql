-- What a bucket refuses, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-blocks'), ('other-loop-of-blocks');

-- create: PutPublicAccessBlock
insert into s3.public_access_block (bucket) values ('loop-of-blocks');

-- update: PutPublicAccessBlock
update s3.public_access_block set block_public_policy = false;

-- drift: PutPublicAccessBlock
{"block_public_acls": false}

-- lost: PutPublicAccessBlock

-- replace: PutPublicAccessBlock DeletePublicAccessBlock
update s3.public_access_block set bucket = 'other-loop-of-blocks';

-- delete: DeletePublicAccessBlock
delete from s3.public_access_block;

-- adopt:
insert into s3.public_access_block (bucket) values ('loop-of-blocks');
