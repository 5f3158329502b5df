-- A bucket: a place for objects, under a name that is unique in the world.

create table tigris.bucket (
  name          text not null primary key,
  regions       text[],
  public        boolean,
  snapshots     boolean,
  fork_of       text references tigris.bucket (name) on update cascade,
  fork_snapshot text,
  storage_class text,
  -- https://www.tigrisdata.com/docs/buckets/bucket-rules/
  constraint a_bucket_name_has_3_to_63_small_letters_digits_dots_and_hyphens
    check (name ~ '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
  constraint a_bucket_name_has_no_two_dots_together_and_is_no_ip_address
    check (name !~ '\.\.' and name !~ '^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$'),
  constraint a_bucket_name_begins_and_ends_with_nothing_that_tigris_reserves
    check (name !~ '^xn--' and name !~ '-s3alias$'),
  -- https://www.tigrisdata.com/docs/buckets/locations/
  constraint regions_are_none_or_usa_or_eur_or_one_or_two_of_three_letters
    check (array_to_string(regions, ',', '?') ~ '^([a-z]{3}(,[a-z]{3})?)?$' and (cardinality(regions) < 2 or not regions && '{usa,eur}')),
  constraint a_fork_is_of_another_bucket
    check (fork_of <> name),
  constraint a_fork_snapshot_is_a_number_and_has_a_bucket_that_it_is_of
    check (fork_snapshot is null or fork_snapshot ~ '^[0-9]+$' and fork_of is not null),
  -- https://www.tigrisdata.com/docs/buckets/settings/ (Bucket Type)
  constraint a_fork_has_snapshots
    check (fork_of is null or snapshots is not false),
  constraint a_bucket_with_snapshots_is_not_of_the_class_glacier
    check (snapshots is not true or storage_class <> 'GLACIER'),
  -- https://www.tigrisdata.com/docs/objects/tiers/
  constraint a_storage_class_is_standard_standard_ia_glacier_or_glacier_ir
    check (storage_class in ('STANDARD', 'STANDARD_IA', 'GLACIER', 'GLACIER_IR'))
);

comment on table tigris.bucket is '@data A bucket: a place for objects, of the account that the engine''s keys are for. What is set on it stands in tables of its own: tigris.bucket_cors, tigris.bucket_lifecycle, tigris.bucket_tagging. It can only be deleted when it is empty.';
comment on column tigris.bucket.name is '@immutable Its name, unique among all buckets of all accounts.';
comment on column tigris.bucket.regions is 'Where its objects are: {fra} in one region, {ams,fra} in two, {usa} or {eur} in several of that part of the world, {} wherever they are used. NULL: as it is, at first {}. Only a bucket in one region, in usa or in eur is the same everywhere at once.';
comment on column tigris.bucket.public is 'Whether everybody may read its objects. NULL: as it is, at first not.';
comment on column tigris.bucket.snapshots is 'Whether snapshots can be taken of it, and forks be made. NULL: as it is, at first not; a fork always.';
comment on column tigris.bucket.fork_of is '@immutable The bucket that it began as a copy of; that one has snapshots, and can''t be deleted while forks of it are there. NULL: as it is, at first none.';
comment on column tigris.bucket.fork_snapshot is '@immutable The version of the snapshot that it began as: 1751631910140685342. NULL: as it is, at first one that is taken for it.';
comment on column tigris.bucket.storage_class is '@immutable The tier of objects that ask for none: STANDARD, STANDARD_IA, GLACIER or GLACIER_IR. NULL: as it is, at first STANDARD.';

create trigger sort_lists before insert or update on tigris.bucket
  for each row execute function tigris.sort_lists('regions');

select iasql.register('tigris.bucket');
