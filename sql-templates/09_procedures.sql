-- What a person calls from psql.

create function iasql.ask(kind text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  insert into iasql.request (kind, asked_by) values (ask.kind, session_user) returning id into asked;
  perform pg_notify('iasql_request', '');
  return asked;
end
$$;
comment on function iasql.ask is 'Asks the engine for a run and wakes it; answers the request''s number.';

-- The name is what psql shows when COMMIT fails inside somebody's transaction block: nothing tells a procedure beforehand.
create procedure iasql.runs_only_outside_a_transaction_block(kind text)
language plpgsql as $$
declare
  asked   bigint;
  since   timestamptz;
  asking  iasql.request;
  running iasql.run;
  told    bigint[] := '{}';
  change  iasql.change;
begin
  commit;
  asked := iasql.ask(kind);
  commit;
  since := pg_catalog.clock_timestamp();
  loop
    select * into asking from iasql.request r where r.id = asked;
    select * into running from iasql.run r where r.id = asking.run;
    for change in select * from iasql.change c where c.run = asking.run and c.state <> 'intent' and not c.id = any (told) order by c.ended_at loop
      told := told || change.id;
      raise notice '%', iasql.told(change);
    end loop;
    exit when asking.said is not null or running.state in ('done', 'failed', 'refused', 'lost');
    if asking.run is null and pg_catalog.clock_timestamp() > since + interval '20 seconds' then
      raise exception 'no engine has taken the request for 20 seconds' using hint = 'Is one running? Start it with: iasql serve';
    end if;
    commit;
    perform pg_catalog.pg_sleep(0.05);
  end loop;
  if asking.said is not null or running.state in ('refused', 'lost') then
    raise exception '%', coalesce(asking.said, running.said, running.state);
  elsif running.state = 'failed' then
    raise warning '%', coalesce(running.said, 'some steps failed');
  else
    raise notice '%', coalesce(running.said, 'done');
  end if;
end
$$;
comment on procedure iasql.runs_only_outside_a_transaction_block is 'Asks for a run and tells of it until it ends. It commits, so it can''t stand inside BEGIN … COMMIT.';

create function iasql.told(change iasql.change) returns text
language sql stable as $$
  select case change.state when 'done' then 'ok    ' when 'failed' then 'FAILED' else '?     ' end || ' ' || change.action || ' ' || change.resource || ' ' || change.name
      || coalesce(' (' || change.region || ')', '') || ' in ' || round(extract(epoch from change.ended_at - change.started_at) * 1000) || ' ms'
      || coalesce(': ' || change.error, '')
$$;
comment on function iasql.told is 'One change as a line.';

create procedure iasql.check() language plpgsql as $$ begin call iasql.runs_only_outside_a_transaction_block('check'); end $$;
comment on procedure iasql.check is 'Reads the cloud, plans, and makes the cloud as the tables say; tells of it while it goes.';

create procedure iasql.refresh() language plpgsql as $$ begin call iasql.runs_only_outside_a_transaction_block('refresh'); end $$;
comment on procedure iasql.refresh is 'Reads the cloud into the schema observed, and changes nothing.';

create procedure iasql.apply() language plpgsql as $$ begin call iasql.runs_only_outside_a_transaction_block('apply'); end $$;
comment on procedure iasql.apply is 'Carries out the plan as it stands, without reading the cloud again first.';

create function iasql.set(name text, value text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if set.name in ('database', 'tenant') then
    raise exception 'the setting % belongs to the engine', set.name using errcode = 'insufficient_privilege';
  end if;
  update iasql.setting s set value = set.value where s.name = set.name;
  if not found then
    raise exception 'there is no setting %', set.name
      using errcode = 'undefined_object', hint = 'There are: ' || (select string_agg(s.name, ', ' order by s.name) from iasql.setting s where s.name not in ('database', 'tenant'));
  end if;
end
$$;
comment on function iasql.set is 'Changes a setting of this database: default_region, regions, mode, unknown_resources, max_deletes, list_delay_seconds.';

create function iasql.help(about text default null) returns setof text
language sql stable as $$
  select line from (
    select 1, 'Write rows into the services'' tables (\dt ec2.*), then look at the plan and say go:' where about is null
    union all select 2, '  select * from iasql.plan;      what would be done; sees your own uncommitted rows' where about is null
    union all select 3, '  select iasql.diff();           the same as text' where about is null
    union all select 4, '  call iasql.check();            reads the cloud and makes it so' where about is null
    union all select 5, '  call iasql.refresh();          reads the cloud only' where about is null
    union all select 6, '  select iasql.set(''mode'', ''on_commit'');   every commit is carried out' where about is null
    union all select 7, '  select iasql.help(''ec2.vpc'');  what a table means' where about is null
    union all select 8, obj_description(to_regclass(about)) where to_regclass(about) is not null
    union all select 8 + f.position, format('  %s %s: %s', f.field, f.type, col_description(to_regclass(about), f.position)) from iasql.field f where f.resource = about
  ) x (position, line) order by position
$$;
comment on function iasql.help is 'What can be done here, or what a table means.';

-- The tenant's login: writes desired tables, reads the rest, calls what is above.
create function iasql.admit(tenant text) returns void
language plpgsql as $$
begin
  update iasql.setting s set value = tenant where s.name = 'tenant';
  execute format('grant usage on schema iasql, observed to %I', tenant);
  execute format('grant select on all tables in schema iasql, observed to %I', tenant);
  execute format('grant execute on function iasql.setting(text), iasql.default_region(), iasql.is_region(text), iasql.are_tags(jsonb), iasql.diff(), iasql.relation(text), iasql.difference(), iasql.dragged(uuid[]), iasql.referrers(uuid[]), iasql.holders(bigint[]), iasql.ask(text), iasql.told(iasql.change), iasql.set(text, text), iasql.help(text) to %I', tenant);
  execute format('grant execute on procedure iasql.check(), iasql.refresh(), iasql.apply(), iasql.runs_only_outside_a_transaction_block(text) to %I', tenant);
  execute format('alter default privileges in schema iasql, observed grant select on tables to %I', tenant);
end
$$;
comment on function iasql.admit is 'Lets one login in as this database''s tenant.';
