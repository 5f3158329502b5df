-- How a module's later version changes a registered table: iasql.begin_change('ec2.vpc'), alter table …, iasql.end_change('ec2.vpc').

create function iasql.types_about(resource text) returns setof text
language sql stable as $$
  select r.name from iasql.resource r
  where  r.part_of is null
  and    r.name in (select types_about.resource
                    union select coalesce(p.part_of, p.name) from iasql.resource p where p.name = types_about.resource
                    union select coalesce(c.part_of, c.name) from iasql.reference f join iasql.resource c on c.name = f.resource where f.parent = types_about.resource)
  order  by r.position
$$;
comment on function iasql.types_about is 'The resource types whose views look at a table: itself (or a list''s owner), and those that refer to it.';

create function iasql.begin_change(resource text) returns void
language plpgsql as $$
begin
  if not exists (select from iasql.resource r where r.name = begin_change.resource) then
    raise exception '% is not registered', resource using errcode = 'undefined_object';
  end if;
  perform iasql.assemble_nothing();
  perform iasql.drop_views(t) from iasql.types_about(resource) t;
end
$$;
comment on function iasql.begin_change is 'Takes the views away that stand on a registered table, so that it can be altered.';

create function iasql.end_change(resource text) returns void
language plpgsql as $$
declare
  owner text := (select r.part_of from iasql.resource r where r.name = end_change.resource);
begin
  delete from iasql.part p where p.part = end_change.resource;
  delete from iasql.arm_reference r where r.resource = end_change.resource;
  delete from iasql.identity i where i.resource = end_change.resource;
  delete from iasql.reference r where r.resource = end_change.resource;
  delete from iasql.field f where f.resource = end_change.resource;
  perform iasql.read_catalog(resource);
  perform iasql.drop_triggers(resource);
  perform iasql.make_triggers(resource);
  if owner is null then
    perform iasql.change_observed(resource);
  else
    perform iasql.add_list(owner);
  end if;
  perform iasql.make_views(t) from iasql.types_about(resource) t;
  perform iasql.assemble();
  perform iasql.comment_columns();
  perform iasql.make_grants(t) from iasql.types_about(resource) t;
  perform iasql.make_grants(resource);
end
$$;
comment on function iasql.end_change is 'Makes all that follows from a registered table anew, after it was altered.';

create function iasql.drop_triggers(resource text) returns void
language plpgsql as $$
declare
  made record;
begin
  for made in
    select t.tgname, p.proname
    from   pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
    where  t.tgrelid = resource::regclass and not t.tgisinternal and p.pronamespace = 'iasql'::regnamespace
  loop
    execute format('drop trigger %I on %s', made.tgname, resource);
  end loop;
  execute format('drop function if exists iasql.%I()', 'version_of_' || iasql.relation(resource));
  execute format('drop policy if exists everything on %s', resource);
  execute format('alter table %s disable row level security', resource);
end
$$;
comment on function iasql.drop_triggers is 'Drops the triggers that were made of a registered table.';

-- What is observed has the columns of what is desired, whatever those have become. Columns that are new are empty until the next refresh.
create function iasql.change_observed(resource text) returns void
language plpgsql as $$
declare
  twin   text := iasql.relation(resource);
  change record;
begin
  for change in
    select coalesce(f.field, a.attname::text) as field, f.type as should, format_type(a.atttypid, a.atttypmod) as is
    from   (select * from iasql.field x where x.resource = change_observed.resource and not x.is_secret) f
    full   join (select * from pg_catalog.pg_attribute y
                 where  y.attrelid = format('observed.%I', twin)::regclass and y.attnum > 0 and not y.attisdropped
                 and    y.attname not in ('id', 'row_id', 'managed', 'superseded', 'owner', 'pending', 'implicit', 'observed_at', 'made_at')
                 and    not exists (select from iasql.part p where p.resource = change_observed.resource and p.list = y.attname)) a on a.attname = f.field
    order  by f.position
  loop
    if change.should is null then
      execute format('alter table observed.%I drop column %I', twin, change.field);
    elsif change.is is null then
      execute format('alter table observed.%I add column %I %s', twin, change.field, change.should);
      execute format('comment on column observed.%I.%I is %L', twin, change.field, format('As in %s, as the cloud has it.', resource));
    elsif change.is <> change.should then
      execute format('alter table observed.%I alter column %I type %s using %2$I::text::%3$s', twin, change.field, change.should);
    end if;
  end loop;
end
$$;
comment on function iasql.change_observed is 'Gives an observed table the columns of its desired one.';
