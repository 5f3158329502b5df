-- What becomes of a bucket's objects with time.

create table tigris.bucket_lifecycle (
  bucket text not null primary key references tigris.bucket (name) on update cascade
);

comment on table tigris.bucket_lifecycle is 'That a bucket''s objects are moved or removed with time, by the rules in tigris.bucket_lifecycle_rule. Deleting the row takes all of them away. A bucket with snapshots has none.';
comment on column tigris.bucket_lifecycle.bucket is '@immutable @cascade The bucket.';

select iasql.register('tigris.bucket_lifecycle');

create table tigris.bucket_lifecycle_rule (
  bucket          text    not null,
  id              text    not null,
  status          text    not null default 'Enabled',
  prefix          text    not null default '',
  transitions     jsonb   not null default '{}',
  expiration_days integer,
  primary key (bucket, id),
  foreign key (bucket) references tigris.bucket_lifecycle (bucket) on update cascade on delete cascade,
  -- https://www.tigrisdata.com/docs/buckets/object-lifecycle-rules/
  constraint a_rule_id_has_1_to_36_characters
    check (length(id) between 1 and 36),
  constraint status_is_enabled_or_disabled
    check (status in ('Enabled', 'Disabled')),
  constraint transitions_are_days_by_one_class_colder_than_standard
    check (jsonb_typeof(transitions) = 'object' and jsonb_array_length(jsonb_path_query_array(transitions, '$.keyvalue()')) <= 1
      and transitions - '{STANDARD_IA,GLACIER,GLACIER_IR}'::text[] = '{}' and not jsonb_path_exists(transitions, '$.* ? (@.type() != "number" || @ < 1)')),
  constraint a_rule_moves_or_removes
    check (transitions <> '{}' or expiration_days is not null),
  constraint days_are_at_least_1
    check (expiration_days >= 1)
);

comment on table tigris.bucket_lifecycle_rule is 'What becomes of a bucket''s objects with time, in at most ten rules. Where there are rows they are all rules; to take away the last one, delete the row of tigris.bucket_lifecycle.';
comment on column tigris.bucket_lifecycle_rule.bucket is '@part rules The bucket.';
comment on column tigris.bucket_lifecycle_rule.id is 'What you call the rule.';
comment on column tigris.bucket_lifecycle_rule.status is 'Enabled, or Disabled: it is there, and nothing is done.';
comment on column tigris.bucket_lifecycle_rule.prefix is 'How the keys begin that it is about; an empty text: any way.';
comment on column tigris.bucket_lifecycle_rule.transitions is 'After how many days objects move to a colder storage class, at most one: {"STANDARD_IA": 30}.';
comment on column tigris.bucket_lifecycle_rule.expiration_days is 'After how many days objects are removed. NULL: never.';

select iasql.register('tigris.bucket_lifecycle_rule');
