-- iasql.register('ec2.vpc'): all that follows from a desired table, made from the catalog.

create function iasql.register(resource text) returns void
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
comment on function iasql.register is 'Makes all that follows from a desired table: its observed table, its arm of the plan, its triggers and grants.';

-- What every region and every name must be.
create function iasql.make_checks(resource text) returns void
language plpgsql as $$
begin
  if exists (select from iasql.field f where f.resource = make_checks.resource and f.is_region) then
    execute format('alter table %s add constraint a_region_is_spelt_like_us_east_1 check (iasql.is_region(region))', resource);
  end if;
  if exists (select from iasql.field f where f.resource = make_checks.resource and f.field = 'name' and f.is_key) then
    execute format('alter table %s add constraint a_name_is_not_blank_and_has_no_control_characters check (name ~ ''\S'' and name !~ ''[[:cntrl:]]'')', resource);
  end if;
end
$$;
comment on function iasql.make_checks is 'Checks that every table has: a region is one, and a name can be read.';

-- Children are looked for by what they refer to, when a parent is replaced.
create function iasql.make_indexes(resource text) returns void
language plpgsql as $$
declare
  ref record;
begin
  for ref in select * from iasql.reference r where r.resource = make_indexes.resource loop
    execute format('create index on %s (%s)', resource, (select string_agg(quote_ident(f), ', ') from unnest(ref.child_fields) f));
  end loop;
end
$$;
comment on function iasql.make_indexes is 'An index for every foreign key.';

-- The observed twin: the same columns without constraints, keyed by what the cloud calls the thing.
create function iasql.make_observed(resource text) returns void
language plpgsql as $$
declare
  twin     text := iasql.relation(resource);
  identity iasql.identity := (select i from iasql.identity i where i.resource = make_observed.resource);
  keys     text := coalesce(
    (select string_agg(quote_ident(f), ', ') from unnest(case when identity.is_regional then array['region', identity.field] else array[identity.field] end) f where identity.field is not null),
    (select string_agg(quote_ident(f.field), ', ' order by f.position) from iasql.field f where f.resource = make_observed.resource and f.is_key));
  field    record;
begin
  execute format('create table observed.%I (id bigint not null default nextval(''iasql.observed_id'') primary key)', twin);
  execute format('comment on table observed.%I is %L', twin, format('What the cloud has of %s, as it was last seen. References hold the cloud''s own ids.', resource));
  for field in select * from iasql.field f where f.resource = make_observed.resource and not f.is_secret order by f.position loop
    execute format('alter table observed.%I add column %I %s', twin, field.field, field.type);
    execute format('comment on column observed.%I.%I is %L', twin, field.field, format('As in %s, as the cloud has it.', resource));
  end loop;
  execute format($sql$
    alter table observed.%1$I
      add column row_id uuid, add column managed boolean not null default false, add column superseded boolean not null default false,
      add column owner text, add column pending text, add column implicit boolean not null default false,
      add column observed_at timestamptz not null default clock_timestamp(), add column made_at timestamptz,
      add constraint %2$I unique nulls not distinct (%3$s)
    $sql$, twin, twin || '_identity', keys);
  perform iasql.comment_observed(twin);
  execute format('create unique index on observed.%I (row_id) where row_id is not null', twin);
  -- what is new on both sides is matched by key
  execute format('create index on observed.%I (%s)', twin,
    (select string_agg(quote_ident(f.field), ', ' order by f.position) from iasql.field f where f.resource = make_observed.resource and f.is_key));
  for field in select distinct r.field from iasql.reference r where r.resource = make_observed.resource loop
    execute format('create index on observed.%I (%I)', twin, field.field);
  end loop;
  if iasql.setting('tenant') is not null then
    execute format('grant select on observed.%I to %I', twin, iasql.setting('tenant'));
  end if;
end
$$;
comment on function iasql.make_observed is 'Makes the observed table of a resource type.';

create function iasql.comment_observed(twin text) returns void
language plpgsql as $$
declare
  said record;
begin
  for said in select * from (values
    ('id', 'Numbers observed rows, for as long as they are seen.'),
    ('row_id', 'The desired row that this is; the engine says so when it observes.'),
    ('managed', 'Whether it is ours: made or adopted here. Without a desired row, what is managed gets deleted.'),
    ('superseded', 'Whether a new one has been made in its place, and it only waits to be deleted.'),
    ('owner', 'The ownership tag it carries.'),
    ('pending', 'What the cloud is still doing with it; nothing can be asked of it until then.'),
    ('implicit', 'Whether the cloud made it by itself, together with something else.'),
    ('observed_at', 'Since when it has looked like this.'),
    ('made_at', 'When it was made, until a list shows it for the first time.')) v (field, comment)
  loop
    execute format('comment on column observed.%I.%I is %L', twin, said.field, said.comment);
  end loop;
end
$$;
comment on function iasql.comment_observed is 'Comments the columns that every observed table has.';

-- The observed owner gets a column for the list.
create function iasql.add_list(owner text) returns void
language plpgsql as $$
declare
  part record;
begin
  for part in
    select p.* from iasql.part p
    where  p.resource = owner and not exists (select from pg_attribute a where a.attrelid = format('observed.%I', iasql.relation(owner))::regclass and a.attname = p.list)
  loop
    execute format('alter table observed.%I add column %I %s', iasql.relation(owner), part.list, case when part.is_ids then 'text[]' else 'jsonb' end);
    execute format('comment on column observed.%I.%I is %L', iasql.relation(owner), part.list, format('The rows of %s, as the cloud has them.', part.part));
  end loop;
end
$$;
comment on function iasql.add_list is 'Adds the folded lists of a resource to its observed table.';

create function iasql.make_grants(resource text) returns void
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
end
$$;
comment on function iasql.make_grants is 'Lets the tenant write a desired table. Nothing else: no trigger, no reference, no truncate.';
