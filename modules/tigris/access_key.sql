-- An access key: what a program on Fly signs its calls to Tigris with.

create table tigris.access_key (
  name          text not null primary key,
  app           text not null references fly.app (name) on update cascade,
  bucket        text references tigris.bucket (name) on update cascade,
  access        text,
  status        text,
  access_key_id text,
  constraint a_key_is_named_with_1_to_63_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9_-]{1,63}$'),
  constraint an_app_has_one_key
    unique (app),
  constraint access_is_read_or_write
    check (access in ('read', 'write')),
  constraint an_access_has_a_bucket_that_it_is_to
    check (access is null or bucket is not null),
  constraint status_is_active_or_inactive
    check (status in ('Active', 'Inactive'))
);

comment on table tigris.access_key is 'An access key for the machines of an app. Tigris tells its secret half once: both halves go straight into the app''s secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the secret one stands nowhere here. A third secret, IASQL_TIGRIS_KEY_ and a digest, says which key the app has. Where the app has lost them, the key is replaced. Keys that were not made here are not shown.';
comment on column tigris.access_key.name is '@immutable What the key is called here; for Tigris it is called so too, and after the database and the row.';
comment on column tigris.access_key.app is '@immutable The app whose secrets it becomes: one key for each.';
comment on column tigris.access_key.bucket is 'The one bucket that it may use, by a policy that is made for it. NULL: as it is, at first none; policies that others attach to it stay.';
comment on column tigris.access_key.access is 'read, or write: read, write, list and delete objects. NULL: as it is, at first write.';
comment on column tigris.access_key.status is 'Active or Inactive. NULL: as it is, at first Active.';
comment on column tigris.access_key.access_key_id is '@identity The id that Tigris gave it: tid_….';

select iasql.register('tigris.access_key');
