-- How a bucket encrypts what is put into it.

create table s3.bucket_encryption (
  bucket             text not null primary key references s3.bucket (name) on update cascade,
  sse_algorithm      text not null default 'AES256',
  kms_key            text,
  bucket_key_enabled boolean,
  constraint sse_algorithm_is_one_that_s3_knows
    check (sse_algorithm in ('AES256', 'aws:kms', 'aws:kms:dsse')),
  constraint only_kms_has_a_key
    check (kms_key is null or sse_algorithm <> 'AES256'),
  constraint dsse_has_no_bucket_key
    check (sse_algorithm <> 'aws:kms:dsse' or bucket_key_enabled is not true)
);

comment on table s3.bucket_encryption is 'How a bucket encrypts what is put into it. Without a row it is as every bucket is at first: AES256, with S3''s own keys.';
comment on column s3.bucket_encryption.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_encryption.sse_algorithm is 'AES256 (S3''s own keys), aws:kms (keys of the Key Management Service) or aws:kms:dsse (those, twice).';
comment on column s3.bucket_encryption.kms_key is 'The KMS key, as the ARN of the key. NULL: whichever it is, at first the account''s own for S3.';
comment on column s3.bucket_encryption.bucket_key_enabled is 'Whether a key of the bucket stands between its objects and KMS, which saves calls to KMS. NULL: as it is, at first not.';

select iasql.register('s3.bucket_encryption');
