-- What a bucket refuses, whatever its policy and its access control lists say about the public.

create table s3.public_access_block (
  bucket                  text    not null primary key references s3.bucket (name) on update cascade,
  block_public_acls       boolean not null default true,
  ignore_public_acls      boolean not null default true,
  block_public_policy     boolean not null default true,
  restrict_public_buckets boolean not null default true
);

comment on table s3.public_access_block is 'What a bucket refuses, whatever its policy and its access control lists say about the public. AWS gives each new bucket all four; deleting the row removes all four.';
comment on column s3.public_access_block.bucket is '@immutable @cascade The bucket.';
comment on column s3.public_access_block.block_public_acls is 'Whether access control lists that let the public in are refused when they are set.';
comment on column s3.public_access_block.ignore_public_acls is 'Whether access control lists that let the public in have no effect.';
comment on column s3.public_access_block.block_public_policy is 'Whether policies that let the public in are refused when they are set.';
comment on column s3.public_access_block.restrict_public_buckets is 'Whether a policy that lets the public in only holds for AWS services and the account''s own users.';

select iasql.register('s3.public_access_block');
