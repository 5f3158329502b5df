-- A bucket in one region, whose drafts are removed after a week, and another one that began as a copy of a third.

insert into tigris.bucket (name, regions) values ('shop-drafts-4711', '{fra}');
insert into tigris.bucket_lifecycle (bucket) values ('shop-drafts-4711');
insert into tigris.bucket_lifecycle_rule (bucket, id, prefix, expiration_days) values ('shop-drafts-4711', 'drafts', 'drafts/', 7);

insert into tigris.bucket (name, snapshots) values ('shop-photos-4711', true);
insert into tigris.bucket (name, fork_of) values ('shop-photos-tried-4711', 'shop-photos-4711');

-- The machines of this app may look at the photos: its secrets get a key that may do that and nothing else.
insert into fly.app (name) values ('shop-front-4711');
insert into tigris.access_key (name, app, bucket, access) values ('front', 'shop-front-4711', 'shop-photos-4711', 'read');
