-- A bucket: a place for objects, under a name that is unique in the world.

create table s3.bucket (
  name   text not null primary key,
  region text not null default iasql.default_region(),
  -- https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  constraint a_bucket_name_has_3_to_63_small_letters_digits_dots_and_hyphens
    check (name ~ '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
  constraint a_bucket_name_has_no_two_dots_together_and_is_no_ip_address
    check (name !~ '\.\.' and name !~ '^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$'),
  constraint a_bucket_name_begins_and_ends_with_nothing_that_aws_reserves
    check (name !~ '^(xn--|sthree-|amzn-s3-demo-)' and name !~ '(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$')
);

comment on table s3.bucket is 'A bucket: a place for objects. What is set on it stands in tables of its own: s3.bucket_encryption, s3.bucket_policy, s3.bucket_tagging, s3.bucket_versioning, s3.public_access_block. It can only be deleted when it is empty.';
comment on column s3.bucket.name is '@immutable Its name, unique among all buckets of all accounts.';
comment on column s3.bucket.region is '@immutable The AWS region that it is in, as in us-east-1.';

select iasql.register('s3.bucket');
