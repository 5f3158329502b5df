-- Whether a bucket keeps what is overwritten or deleted.

create table s3.bucket_versioning (
  bucket text not null primary key references s3.bucket (name) on update cascade,
  status text not null default 'Enabled',
  constraint status_is_enabled_or_suspended
    check (status in ('Enabled', 'Suspended'))
);

comment on table s3.bucket_versioning is 'Whether a bucket keeps what is overwritten or deleted. S3 never forgets that a bucket had versions: deleting the row suspends them.';
comment on column s3.bucket_versioning.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_versioning.status is 'Enabled, or Suspended: the versions that there are stay, and there will be no more.';

select iasql.register('s3.bucket_versioning');
