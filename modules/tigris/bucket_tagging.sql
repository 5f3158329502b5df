-- The tags of a bucket. They are told bucket by bucket, so they stand apart and are only read where somebody manages them.

create table tigris.bucket_tagging (
  bucket text  not null primary key references tigris.bucket (name) on update cascade,
  tags   jsonb not null,
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name')),
  constraint a_bucket_has_1_to_50_tags
    check (tags <> '{}' and jsonb_array_length(jsonb_path_query_array(tags, '$.keyvalue()')) <= 50)
);

comment on table tigris.bucket_tagging is 'All the tags of a bucket. Without a row they are not looked at; deleting the row removes them.';
comment on column tigris.bucket_tagging.bucket is '@immutable @cascade The bucket.';
comment on column tigris.bucket_tagging.tags is 'Tags by key.';

select iasql.register('tigris.bucket_tagging');
