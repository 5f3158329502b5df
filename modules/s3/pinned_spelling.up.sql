-- A foreign key that cascades runs the trigger as the table's owner, under the search_path of whoever writes: it finds its names in pg_catalog.

alter function s3.spell_bucket_policy() set search_path = pg_catalog, pg_temp;
