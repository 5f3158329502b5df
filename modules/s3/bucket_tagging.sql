-- The tags of a bucket. S3 tells them bucket by bucket, so they stand apart and are only read where somebody manages them.

create table s3.bucket_tagging (
  bucket text  not null primary key references s3.bucket (name) on update cascade,
  tags   jsonb not null,
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name')),
  constraint a_bucket_has_1_to_50_tags
    check (tags <> '{}' and jsonb_array_length(jsonb_path_query_array(tags, '$.keyvalue()')) <= 50)
);

comment on table s3.bucket_tagging is 'All the tags of a bucket. Without a row they are not looked at; deleting the row removes them.';
comment on column s3.bucket_tagging.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_tagging.tags is 'Tags by key.';

select iasql.register('s3.bucket_tagging');
