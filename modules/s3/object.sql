-- An object in a bucket: a file, with its content in the row.

create table s3.object (
  bucket              text  not null references s3.bucket (name) on update cascade,
  key                 text  not null,
  content             text,
  content_base64      text,
  content_type        text,
  cache_control       text,
  content_disposition text,
  content_encoding    text,
  metadata            jsonb not null default '{}',
  etag                text,
  arn                 text,
  primary key (bucket, key),
  -- https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
  constraint a_key_has_1_to_1024_bytes
    check (octet_length(key) between 1 and 1024),
  constraint content_is_a_text_or_bytes_in_base64
    check (num_nonnulls(content, content_base64) = 1),
  constraint content_in_a_row_has_at_most_5_mebibytes
    check (octet_length(content) <= 5242880 and octet_length(decode(content_base64, 'base64')) <= 5242880),
  constraint metadata_are_texts_by_small_key
    check (iasql.are_tags(metadata) and not jsonb_path_exists(metadata, '$.keyvalue() ? (@.key like_regex "[^a-z0-9_-]")'))
);

comment on table s3.object is 'An object in a bucket: a file, with its content in the row. Only those that have rows are looked at. In a bucket with versions a deleted object leaves them behind.';
comment on column s3.object.bucket is '@immutable The bucket. It can be deleted when its objects are.';
comment on column s3.object.key is '@immutable Its key, slashes and all: docs/index.html.';
comment on column s3.object.content is 'Its content, where it is text. It is compared by its SHA-256 checksum, which S3 keeps.';
comment on column s3.object.content_base64 is 'Its content, where it is bytes, in base64.';
comment on column s3.object.content_type is 'What kind of file it is, as in text/html. NULL: as it is, at first binary/octet-stream.';
comment on column s3.object.cache_control is 'How long it may be kept by those who have read it, as in max-age=3600. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column s3.object.content_disposition is 'Whether browsers show it or save it, as in attachment. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column s3.object.content_encoding is 'How the content is packed, as in gzip. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column s3.object.metadata is 'What else is said of it: texts by small-lettered key, sent as x-amz-meta-….';
comment on column s3.object.etag is '@cloud What S3 calls this content.';
comment on column s3.object.arn is '@identity The name that AWS gives it: arn:aws:s3:::bucket/key.';

select iasql.register('s3.object');
