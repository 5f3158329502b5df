-- As version 1 has it.

do $$
declare
  made record;
begin
  for made in select r.name from iasql.resource r where r.part_of is null loop
    execute format('drop trigger let_go_of_what_was_referred_to on %s', made.name);
    execute format('drop trigger let_go_of_what_is_gone on %s', made.name);
  end loop;
  for made in
    select p.oid::regprocedure as name from pg_catalog.pg_proc p where p.pronamespace = 'iasql'::regnamespace and p.proname like 'version\_of\_%'
  loop
    execute format('alter function %s reset search_path', made.name);
  end loop;
  for made in
    select t.oid::regtype as name from pg_catalog.pg_type t
    where  t.typowner = current_user::regrole and t.typtype = 'c' and not pg_catalog.has_type_privilege('public', t.oid, 'usage')
    and    t.typnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  loop
    execute format('grant usage on type %s to public', made.name);
  end loop;
end
$$;

alter function iasql.refuse_cloud_columns() reset search_path;
alter function iasql.keep_row_id() reset search_path;
drop index iasql.request_open;

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
end
$$;

create or replace function iasql.claim(resource text) returns void
language plpgsql as $$
declare
  twin text := format('observed.%I', iasql.relation(resource));
  id   text := (select f.field from iasql.field f where f.resource = claim.resource and f.is_identity);
  keys text := (select string_agg(format('d.%1$I is not distinct from o.%1$I', f.field), ' and ') from iasql.field f where f.resource = claim.resource and f.is_key
                having not exists (select from iasql.arm_reference r join iasql.field k on k.resource = r.resource and k.field = r.field and k.is_key where r.resource = claim.resource));
begin
  -- a creation whose answer was lost: the newcomer with our tag is the new one, and takes the place of the old
  execute format($sql$
    update %1$s old set row_id = null, superseded = true
    from   %1$s o
    where  o.row_id is null and not o.superseded and not o.implicit and o.owner = $1 || '/' || old.row_id and o.id > old.id
    and    exists (select from iasql.change c where c.row_id = old.row_id and c.resource = $2 and c.action = 'create' and c.state in ('intent', 'unanswered'))
  $sql$, twin) using iasql.setting('database'), resource;
  execute format($sql$
    update %1$s o set row_id = c.row_id, managed = true
    from   (select distinct on (split_part(n.owner, '/', 2)) n.id, split_part(n.owner, '/', 2)::uuid as row_id from %1$s n
            where  n.row_id is null and not n.superseded and not n.implicit
            and    n.owner ~ '^[^/]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and split_part(n.owner, '/', 1) = $1
            order  by split_part(n.owner, '/', 2), n.id) c
    where  o.id = c.id and not exists (select from %1$s x where x.row_id = c.row_id)
    -- another database may have our name: only a row that is or was here makes a thing ours
    and    (exists (select from %2$s d where d.row_id = c.row_id) or exists (select from iasql.history h where h.row_id = c.row_id))
  $sql$, twin, resource) using iasql.setting('database');
  -- what was found by its tag is no longer unanswered
  execute format($sql$
    update iasql.change c set state = 'done', ended_at = clock_timestamp(), error = 'its answer was lost; it was found by its tag'
    from   %1$s o
    where  c.resource = $1 and c.action = 'create' and c.state in ('intent', 'unanswered') and o.row_id = c.row_id
  $sql$, twin) using resource;
  if id is not null then
    execute format($sql$
      update %1$s o set row_id = d.row_id, managed = not d.reference_only from %2$s d
      where  o.row_id is null and not o.superseded and o.%3$I = d.%3$I%4$s and not exists (select from %1$s x where x.row_id = d.row_id)
    $sql$, twin, resource, id, case when exists (select from iasql.identity i where i.resource = claim.resource and i.is_regional) then ' and o.region = d.region' else '' end);
  end if;
  if keys is not null then
    execute format($sql$
      update %1$s o set row_id = c.row_id, managed = false
      from   (select distinct on (d.row_id) d.row_id, o.id from %2$s d join %1$s o on %3$s
              where  d.reference_only and o.row_id is null and not o.superseded and not exists (select from %1$s x where x.row_id = d.row_id) order by d.row_id, o.id) c
      where  o.id = c.id
    $sql$, twin, resource, keys);
  end if;
  -- a row that is only referred to is never ours, and forgotten with its row
  execute format('update %1$s o set managed = false from %2$s d where d.row_id = o.row_id and d.reference_only and o.managed', twin, resource);
  execute format('update %1$s o set row_id = null where o.row_id is not null and not o.managed and not exists (select from %2$s d where d.row_id = o.row_id)', twin, resource);
  -- what the cloud made by itself is never deleted: with its row it is only forgotten
  execute format('update %1$s o set row_id = null, managed = false where o.implicit and o.managed and not exists (select from %2$s d where d.row_id = o.row_id)', twin, resource);
end
$$;

create or replace function iasql.make_triggers(resource text) returns void
language plpgsql as $$
declare
  cloud   text[] := array(select f.field from iasql.field f where f.resource = make_triggers.resource and (f.is_cloud or f.is_version) order by f.position);
  id      text   := (select f.field from iasql.field f where f.resource = make_triggers.resource and f.is_identity);
  secrets text[] := array(select f.field from iasql.field f where f.resource = make_triggers.resource and f.is_secret order by f.position);
  args    text   := (select string_agg(quote_literal(f), ', ') from unnest(cloud) f);
  asks    text;
begin
  if exists (select from iasql.resource r where r.name = make_triggers.resource and r.part_of is not null) then
    execute format('create trigger history_of_inserts after insert on %s referencing new table as became for each statement execute function iasql.keep_list_history()', resource);
    execute format('create trigger history_of_deletes after delete on %s referencing old table as was for each statement execute function iasql.keep_list_history()', resource);
    execute format('create trigger history_of_updates after update on %s referencing old table as was new table as became for each statement execute function iasql.keep_list_history()', resource);
    return;
  end if;
  if cardinality(cloud) > 0 then
    -- the owner alone writes them: the engine (by the role's name as it is in a copy of the template). The cloud's id may be given for a row that is only referred to.
    asks := (select string_agg(format('new.%I is not null', f) || case when f = id then ' and not new.reference_only' else '' end, ' or ') from unnest(cloud) f);
    execute format('create trigger a_refuse_cloud_columns before insert on %s for each row when (current_user <> current_database() || ''_owner'' and (%s)) execute function iasql.refuse_cloud_columns(%s)',
      resource, asks, args);
    asks := (select string_agg(format('new.%1$I is distinct from old.%1$I', f) || case when f = id then ' and not new.reference_only' else '' end, ' or ') from unnest(cloud) f);
    execute format('create trigger a_refuse_cloud_columns_again before update on %s for each row when (current_user <> current_database() || ''_owner'' and (%s)) execute function iasql.refuse_cloud_columns(%s)',
      resource, asks, args);
  end if;
  execute format('create trigger a_row_id_stays before update on %s for each row when (new.row_id <> old.row_id) execute function iasql.keep_row_id()', resource);
  if cardinality(secrets) > 0 then
    perform iasql.make_secret_trigger(resource, secrets);
    perform iasql.hide_failing_rows(resource);
  end if;
  perform iasql.make_history_triggers(resource,
    array_to_string(array(select f.field from iasql.field f where f.resource = make_triggers.resource and f.is_cloud) , ','),
    (select coalesce(jsonb_object_agg(f, '***'), '{}') from unnest(secrets) f));
end
$$;

create or replace function iasql.ask(kind text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  insert into iasql.request (kind, asked_by) values (ask.kind, session_user) returning id into asked;
  perform pg_notify('iasql_request', '');
  return asked;
end
$$;

create or replace function iasql.make_secret_trigger(resource text, secrets text[]) returns void
language plpgsql as $$
begin
  execute format($sql$
    create function iasql.%1$I() returns trigger language plpgsql as $body$
    begin
      %2$s
      return new;
    end $body$
  $sql$, 'version_of_' || iasql.relation(resource),
    -- no value asks for nothing, and so has no version
    (select string_agg(format('if tg_op = ''INSERT'' or new.%1$I is distinct from old.%1$I then new.%2$I := case when new.%1$I is not null then gen_random_uuid() end; end if;',
       f, f || '_version'), E'\n      ') from unnest(secrets) f));
  execute format('comment on function iasql.%I is %L', 'version_of_' || iasql.relation(resource), 'Gives every write of a secret a version of its own.');
  execute format('create trigger b_version_of_secrets before insert or update on %s for each row execute function iasql.%I()', resource, 'version_of_' || iasql.relation(resource));
end
$$;

create or replace function iasql.are_tags(tags jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(tags) = 'object' and not jsonb_path_exists(tags, '$.* ? (@.type() != "string")')
     and not exists (select from jsonb_object_keys(case when jsonb_typeof(tags) = 'object' then tags end) k
                     where k = 'Name' or k like 'aws:%' or k like 'iasql:%')
$$;

create or replace function iasql.default_region() returns text
language sql stable as $$
  select s.value from iasql.setting s where s.name = 'default_region'
$$;

create or replace function iasql.setting(name text) returns text
language sql stable as $$
  select s.value from iasql.setting s where s.name = setting.name
$$;

create or replace function iasql.is_region(region text) returns boolean
language sql immutable as $$
  select region ~ '^[a-z]{2}(-[a-z]+)+-[0-9]+$'
$$;

drop function iasql.close_types();
drop function iasql.make_letting_go(text);
drop function iasql.let_go();
