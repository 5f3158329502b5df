-- It is replaced as everything else is.

comment on table s3.bucket is 'A bucket: a place for objects. What is set on it stands in tables of its own: s3.bucket_encryption, s3.bucket_policy, s3.bucket_tagging, s3.bucket_versioning, s3.public_access_block. It can only be deleted when it is empty.';
