-- What becomes of a bucket's objects with time.

create table s3.bucket_lifecycle (
  bucket text not null primary key references s3.bucket (name) on update cascade
);

comment on table s3.bucket_lifecycle is 'That a bucket''s objects are moved or removed with time, by the rules in s3.bucket_lifecycle_rule. Deleting the row takes all of them away.';
comment on column s3.bucket_lifecycle.bucket is '@immutable @cascade The bucket.';

select iasql.register('s3.bucket_lifecycle');

create table s3.bucket_lifecycle_rule (
  bucket                                 text    not null,
  id                                     text    not null,
  status                                 text    not null default 'Enabled',
  prefix                                 text    not null default '',
  tags                                   jsonb   not null default '{}',
  object_size_greater_than               bigint,
  object_size_less_than                  bigint,
  transitions                            jsonb   not null default '{}',
  expiration_days                        integer,
  expired_object_delete_marker           boolean,
  noncurrent_version_transitions         jsonb   not null default '{}',
  noncurrent_version_expiration_days     integer,
  newer_noncurrent_versions              integer,
  abort_incomplete_multipart_upload_days integer,
  primary key (bucket, id),
  foreign key (bucket) references s3.bucket_lifecycle (bucket) on update cascade on delete cascade,
  -- https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
  constraint a_rule_id_has_1_to_255_characters
    check (length(id) between 1 and 255),
  constraint status_is_enabled_or_disabled
    check (status in ('Enabled', 'Disabled')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name')),
  constraint transitions_are_days_by_storage_class
    check (jsonb_typeof(transitions) = 'object' and jsonb_typeof(noncurrent_version_transitions) = 'object'
      and not jsonb_path_exists(transitions, '$.* ? (@.type() != "number")')
      and not jsonb_path_exists(noncurrent_version_transitions, '$.* ? (@.type() != "number")')),
  constraint a_rule_does_something
    check (transitions <> '{}' or noncurrent_version_transitions <> '{}'
      or num_nonnulls(expiration_days, expired_object_delete_marker, noncurrent_version_expiration_days, abort_incomplete_multipart_upload_days) > 0),
  constraint days_are_at_least_1
    check (expiration_days >= 1 and noncurrent_version_expiration_days >= 1 and abort_incomplete_multipart_upload_days >= 1),
  constraint delete_markers_are_removed_when_they_expire_or_by_themselves
    check (expiration_days is null or expired_object_delete_marker is null),
  constraint newer_versions_are_1_to_100_where_old_ones_expire
    check (newer_noncurrent_versions is null or newer_noncurrent_versions between 1 and 100 and noncurrent_version_expiration_days is not null)
);

comment on table s3.bucket_lifecycle_rule is 'What becomes of a bucket''s objects with time. Where there are rows they are all rules; to take away the last one, delete the row of s3.bucket_lifecycle.';
comment on column s3.bucket_lifecycle_rule.bucket is '@part rules The bucket.';
comment on column s3.bucket_lifecycle_rule.id is 'What you call the rule.';
comment on column s3.bucket_lifecycle_rule.status is 'Enabled, or Disabled: it is there, and nothing is done.';
comment on column s3.bucket_lifecycle_rule.prefix is 'How the keys begin that it is about; an empty text: any way.';
comment on column s3.bucket_lifecycle_rule.tags is 'The tags that objects carry that it is about.';
comment on column s3.bucket_lifecycle_rule.object_size_greater_than is 'It is about objects with more bytes than this. NULL: of any size.';
comment on column s3.bucket_lifecycle_rule.object_size_less_than is 'It is about objects with less bytes than this. NULL: of any size.';
comment on column s3.bucket_lifecycle_rule.transitions is 'After how many days objects move to a storage class: {"STANDARD_IA": 30, "GLACIER": 90}.';
comment on column s3.bucket_lifecycle_rule.expiration_days is 'After how many days objects are removed. NULL: never.';
comment on column s3.bucket_lifecycle_rule.expired_object_delete_marker is 'Whether a delete marker goes when there are no other versions. NULL: nothing is said.';
comment on column s3.bucket_lifecycle_rule.noncurrent_version_transitions is 'The same as transitions for versions that are no longer current.';
comment on column s3.bucket_lifecycle_rule.noncurrent_version_expiration_days is 'How many days after they were replaced versions are removed. NULL: never.';
comment on column s3.bucket_lifecycle_rule.newer_noncurrent_versions is 'How many old versions are kept even so, 1 to 100. NULL: none.';
comment on column s3.bucket_lifecycle_rule.abort_incomplete_multipart_upload_days is 'After how many days an upload that was not finished is removed. NULL: never.';

select iasql.register('s3.bucket_lifecycle_rule');
