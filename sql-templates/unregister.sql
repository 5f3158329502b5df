-- iasql.unregister('ec2.vpc'): takes back all that iasql.register made, and the table. What its rows describe stays in the cloud.

create function iasql.unregister(resource text) returns void
language plpgsql as $$
declare
  type     iasql.resource := (select r from iasql.resource r where r.name = unregister.resource);
  standing text := (select string_agg(distinct f.resource, ', ') from iasql.reference f
                    where f.parent = unregister.resource and f.resource <> unregister.resource and f.part_list is null);
begin
  if type.name is null then
    raise exception 'there is no resource type %', resource using errcode = 'undefined_object';
  elsif standing is not null then
    raise exception '% is still referred to by %', resource, standing using errcode = 'dependent_objects_still_exist';
  end if;
  -- its lists go first
  perform iasql.unregister(r.name) from iasql.resource r where r.part_of = unregister.resource order by r.position desc;
  perform iasql.forget(resource);
  if type.part_of is null then
    perform iasql.assemble_rest();
    perform iasql.drop_views(resource);
    execute format('drop table observed.%I', iasql.relation(resource));
  end if;
  execute format('drop table %s', resource);
  execute format('drop function if exists iasql.%I()', 'version_of_' || iasql.relation(resource));
end
$$;
comment on function iasql.unregister is 'Takes back what iasql.register made of a table, and the table itself.';

-- The catalog as it is kept; for a list, its owner's views and column too.
create function iasql.forget(resource text) returns void
language plpgsql as $$
declare
  part iasql.part := (select p from iasql.part p where p.part = forget.resource);
begin
  delete from iasql.part p where p.part = forget.resource;
  delete from iasql.arm_reference r where r.resource = forget.resource;
  delete from iasql.identity i where i.resource = forget.resource;
  delete from iasql.reference r where r.resource = forget.resource;
  delete from iasql.field f where f.resource = forget.resource;
  delete from iasql.listing l where l.resource = forget.resource;
  delete from iasql.resource r where r.name = forget.resource;
  if part.part is not null then
    perform iasql.make_views(part.resource);
    perform iasql.assemble();
    execute format('alter table observed.%I drop column %I', iasql.relation(part.resource), part.list);
  end if;
end
$$;
comment on function iasql.forget is 'Forgets what the catalog said of a table that is being taken back.';

create function iasql.assemble_rest() returns void
language plpgsql as $$
begin
  if exists (select from iasql.resource) then
    perform iasql.assemble();
  else
    perform iasql.assemble_nothing();
  end if;
end
$$;
comment on function iasql.assemble_rest is 'Puts the arms of all types together that are left.';

create function iasql.assemble_nothing() returns void
language plpgsql as $$
begin
  create or replace view iasql.found as
  select null::text as resource, null::uuid as row_id, null::bigint as id where false;
  create or replace function iasql.referrers(parents uuid[]) returns table (resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text, field text, is_immutable boolean, parent_row_id uuid, parent_observed_id bigint, was jsonb)
  language sql stable as $body$ select null::text, null::uuid, null::bigint, null::text, null::jsonb, null::text, null::text, null::boolean, null::uuid, null::bigint, null::jsonb where false $body$;
  create or replace function iasql.holders(parents bigint[]) returns table (parent bigint, resource text, name text)
  language sql stable as $body$ select null::bigint, null::text, null::text where false $body$;
end
$$;
comment on function iasql.assemble_nothing is 'No arms, as before the first type was registered.';

create function iasql.drop_views(resource text) returns void
language plpgsql as $$
begin
  execute format('drop view iasql.%I', 'resolved_' || iasql.relation(resource));
  execute format('drop function iasql.%I(uuid[], bigint[])', 'difference_of_' || iasql.relation(resource));
  execute format('drop view iasql.%I', 'found_of_' || iasql.relation(resource));
end
$$;
comment on function iasql.drop_views is 'Drops the views of a resource type, and what looks closely at its rows.';
