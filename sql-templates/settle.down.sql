-- As version 2 registers types: each for itself.

create or replace function iasql.register(resource text) returns void
language plpgsql as $$
declare
  owner text;
begin
  if to_regclass(resource) is null then
    raise exception 'there is no table %', resource using hint = 'Create the table first, then register it.';
  end if;
  -- a join table belongs to the owner its @part mark points to
  select c.confrelid::regclass::text into owner
  from   pg_constraint c, unnest(c.conkey) k
  where  c.conrelid = resource::regclass and c.contype = 'f' and col_description(c.conrelid, k) ~ '@part ' limit 1;

  insert into iasql.resource (name, part_of, creates_first) values (resource, owner, coalesce(obj_description(resource::regclass) ~ '^@create_before_destroy ', false));
  if owner is null then
    execute format('alter table %1$s add column row_id uuid not null default gen_random_uuid() unique, add column reference_only boolean not null default false', resource);
    execute format('comment on column %s.row_id is %L', resource, 'This row for ever, whatever it is renamed to.');
    execute format('comment on column %s.reference_only is %L', resource, 'True: somebody else''s. Matched by its id or its key, referred to, never changed and never deleted.');
  end if;
  perform iasql.read_catalog(resource);
  perform iasql.make_checks(resource);
  perform iasql.make_indexes(resource);
  perform iasql.make_triggers(resource);
  if owner is null then
    perform iasql.make_observed(resource);
  else
    perform iasql.add_list(owner);
  end if;
  perform iasql.make_views(coalesce(owner, resource));
  perform iasql.assemble();
  perform iasql.comment_columns();
  perform iasql.make_grants(resource);
end
$$;

create or replace function iasql.make_grants(resource text) returns void
language plpgsql as $$
begin
  if iasql.setting('tenant') is not null then
    execute format('grant usage on schema %I to %I', split_part(resource, '.', 1), iasql.setting('tenant'));
    execute format('grant select, insert, update, delete on %s to %I', resource, iasql.setting('tenant'));
    if exists (select from iasql.resource r where r.name = make_grants.resource and r.part_of is null) then
      execute format('grant execute on function iasql.%I(uuid[], bigint[]) to %I', 'difference_of_' || iasql.relation(resource), iasql.setting('tenant'));
    end if;
    -- checks and defaults of the module's own
    execute format('grant execute on all functions in schema %I to %I', split_part(resource, '.', 1), iasql.setting('tenant'));
  end if;
  perform iasql.close_types();
end
$$;

drop table iasql.unsettled;
drop function iasql.settle();
