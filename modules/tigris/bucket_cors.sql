-- Which other websites' pages may use a bucket.

create table tigris.bucket_cors (
  bucket text not null primary key references tigris.bucket (name) on update cascade
);

comment on table tigris.bucket_cors is 'That pages of other websites may use a bucket, by the rules in tigris.bucket_cors_rule. Deleting the row takes all of them away.';
comment on column tigris.bucket_cors.bucket is '@immutable @cascade The bucket.';

select iasql.register('tigris.bucket_cors');

create table tigris.bucket_cors_rule (
  bucket          text   not null,
  id              text   not null,
  allowed_methods text[] not null,
  allowed_origins text[] not null,
  allowed_headers text[] not null default '{}',
  expose_headers  text[] not null default '{}',
  max_age_seconds integer,
  primary key (bucket, id),
  foreign key (bucket) references tigris.bucket_cors (bucket) on update cascade on delete cascade,
  -- https://www.tigrisdata.com/docs/buckets/cors/
  constraint a_rule_id_has_1_to_255_characters
    check (length(id) between 1 and 255),
  constraint methods_are_get_put_head_post_or_delete
    check (allowed_methods <> '{}' and allowed_methods <@ array['GET', 'PUT', 'HEAD', 'POST', 'DELETE']),
  constraint a_rule_has_origins
    check (allowed_origins <> '{}'),
  constraint a_max_age_is_at_least_1_second
    check (max_age_seconds >= 1)
);

comment on table tigris.bucket_cors_rule is 'The rules by which pages of other websites may use a bucket: the first that fits holds, in the order of their ids. Where there are rows they are all rules; to take away the last one, delete the row of tigris.bucket_cors.';
comment on column tigris.bucket_cors_rule.bucket is '@part rules The bucket.';
comment on column tigris.bucket_cors_rule.id is 'What you call the rule.';
comment on column tigris.bucket_cors_rule.allowed_methods is 'What they may do: GET, PUT, HEAD, POST, DELETE.';
comment on column tigris.bucket_cors_rule.allowed_origins is 'Whose pages may, as in https://example.com; or * alone.';
comment on column tigris.bucket_cors_rule.allowed_headers is 'Which headers they may send; or * alone.';
comment on column tigris.bucket_cors_rule.expose_headers is 'Which headers of the answer they may read.';
comment on column tigris.bucket_cors_rule.max_age_seconds is 'How long a browser may keep this in mind. NULL: as it likes.';

create trigger sort_lists before insert or update on tigris.bucket_cors_rule
  for each row execute function tigris.sort_lists('allowed_methods', 'allowed_origins', 'allowed_headers', 'expose_headers');

select iasql.register('tigris.bucket_cors_rule');
