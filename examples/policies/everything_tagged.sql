-- Whatever can carry tags says whose it is. Needs no module: it looks at every table with a column `tags`, of modules that are installed
-- later too. For another tag put its name into the view. (The tags of buckets, log groups and their like are tables of their own, such as
-- s3.bucket_tagging: a bucket without a row there is not looked at.)

create or replace function policy.untagged(tag text) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  type record;
begin
  for type in
    select f.resource,
           (select string_agg(format('t.%I', k.field), ', ' order by k.position) from iasql.field k where k.resource = f.resource and k.is_key and not k.is_region) as key
    from   iasql.field f
    join   iasql.resource r on r.name = f.resource and r.part_of is null
    where  f.field = 'tags'
    order  by f.resource
  loop
    return query execute format('select %L || concat_ws('' '', %s) || '' has no tag '' || $1 from %s t where not t.reference_only and not coalesce(t.tags ? $1, false)',
      type.resource || ' ', type.key, type.resource) using untagged.tag;
  end loop;
end
$$;
comment on function policy.untagged is 'The rows, of all tables with a column tags, that lack a tag.';

create or replace view policy.everything_tagged as
select u.complaint from policy.untagged('owner') u (complaint);

comment on view policy.everything_tagged is 'A row that does not say whose it is.';
comment on column policy.everything_tagged.complaint is 'Which row lacks which tag.';
