-- What happens when a desired row is written.

create function iasql.refuse_cloud_columns() returns trigger
language plpgsql as $$
declare
  field text;
begin
  foreach field in array tg_argv loop
    if tg_op = 'INSERT' and to_jsonb(new) -> field <> 'null' or tg_op = 'UPDATE' and to_jsonb(new) -> field is distinct from to_jsonb(old) -> field then
      raise exception 'column % of %.% is filled by the cloud', field, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege', column = field, table = tg_table_name, schema = tg_table_schema,
              hint = format('Leave %s out; it gets its value when the resource is there.', field);
    end if;
  end loop;
  return new;
end
$$;
comment on function iasql.refuse_cloud_columns is 'Refuses a write to a column that the cloud fills, and names it.';

-- Statement by statement, so that a bulk load pays once. Rows that only got @cloud values are no change of the user's.
create function iasql.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this    text   := format('%s.%s', tg_table_schema, tg_table_name);
  drop    text[] := string_to_array(tg_argv[0], ',');
  mask    jsonb  := tg_argv[1]::jsonb;
begin
  if tg_op = 'INSERT' then
    insert into iasql.history (resource, row_id, operation, became)
    select this, n.row_id, 'insert', (to_jsonb(n.*) - drop) || mask from became n;
  elsif tg_op = 'DELETE' then
    insert into iasql.history (resource, row_id, operation, was)
    select this, o.row_id, 'delete', (to_jsonb(o.*) - drop) || mask from was o;
  else
    insert into iasql.history (resource, row_id, operation, was, became)
    select this, n.row_id, 'update', (to_jsonb(o.*) - drop) || mask, (to_jsonb(n.*) - drop) || mask
    from   became n join was o on o.row_id = n.row_id
    where  to_jsonb(o.*) - drop is distinct from to_jsonb(n.*) - drop;
  end if;
  if found then
    perform pg_notify('iasql_changed', '');
  end if;
  return null;
end
$$;
comment on function iasql.keep_history is 'Keeps every change of desired rows, and wakes the engine. Secrets are kept as three stars.';

-- A list's rows have no name of their own: a changed one is another one.
create function iasql.keep_list_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this text := format('%s.%s', tg_table_schema, tg_table_name);
begin
  if tg_op <> 'INSERT' then
    insert into iasql.history (resource, operation, was) select this, 'delete', to_jsonb(o.*) from was o;
  end if;
  if tg_op <> 'DELETE' then
    insert into iasql.history (resource, operation, became) select this, 'insert', to_jsonb(n.*) from became n;
  end if;
  perform pg_notify('iasql_changed', '');
  return null;
end
$$;
comment on function iasql.keep_list_history is 'Keeps every change of a list, and wakes the engine.';

create function iasql.keep_row_id() returns trigger
language plpgsql as $$
begin
  raise exception 'row_id of %.% never changes', tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege', hint = 'Rename the row instead, or delete it and insert another.';
end
$$;
comment on function iasql.keep_row_id is 'Refuses a change of a row''s row_id.';

create function iasql.make_triggers(resource text) returns void
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
comment on function iasql.make_triggers is 'Makes the triggers of a desired table.';

-- Each write of a secret makes a new version: by it the secret is compared, never by its value.
create function iasql.make_secret_trigger(resource text, secrets text[]) returns void
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
comment on function iasql.make_secret_trigger is 'Makes the trigger that gives every write of a secret a version.';

-- An error about a row quotes the row ("Failing row contains …"), except to somebody under row level security: so the
-- tenant is, under a policy that lets everything through. COPY FROM, whose errors quote whole lines, is refused by that too.
create function iasql.hide_failing_rows(resource text) returns void
language plpgsql as $$
begin
  execute format('alter table %s enable row level security', resource);
  execute format('create policy everything on %s using (true) with check (true)', resource);
  execute format('comment on policy everything on %s is %L', resource, 'Everybody sees every row; but no error quotes one, for it may hold a secret.');
end
$$;
comment on function iasql.hide_failing_rows is 'Keeps a table''s values out of error messages.';

create function iasql.make_history_triggers(resource text, dropped text, mask jsonb) returns void
language plpgsql as $$
begin
  execute format('create trigger history_of_inserts after insert on %s referencing new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_deletes after delete on %s referencing old table as was for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
  execute format('create trigger history_of_updates after update on %s referencing old table as was new table as became for each statement execute function iasql.keep_history(%L, %L)', resource, dropped, mask);
end
$$;
comment on function iasql.make_history_triggers is 'Makes the triggers that keep the history of a desired table.';
