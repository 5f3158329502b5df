-- What the engine does with a plan that it has just read: new drift is kept and told, what is no longer there ends.

-- What nothing explains. A column that leads to something that is made anew has not changed by itself.
create function iasql.unexplained(steps jsonb)
returns table (resource text, region text, name text, row_id uuid, observed_id bigint, what text, changed jsonb)
language sql stable set search_path = pg_catalog, pg_temp as $$
  with step as materialized (
    select * from iasql.steps_told(steps)
  ), explained as materialized (
    select * from iasql.explained()
  )
  select s.resource, s.region, s.name, s.row_id, s.observed_id, 'changed', jsonb_object_agg(c.key, c.value)
  from   step s cross join lateral jsonb_each(s.changed) c
  where  s.action in ('update', 'replace') and s.row_id is not null and c.value ->> 1 is distinct from '(new)'
  and    not exists (select from explained e where e.resource = s.resource and e.row_id = s.row_id and (e.field is null or e.field = c.key))
  and    not exists (select from iasql.drifted d where d.ended_at is null and d.resource = s.resource and d.row_id = s.row_id and d.changed ? c.key)
  and    not exists (select from iasql.reference f join step p on p.resource = f.parent and p.row_id = any (s.wants) and p.action in ('create', 'adopt', 'replace')
                     where f.resource = s.resource and f.field = c.key)
  group  by s.resource, s.region, s.name, s.row_id, s.observed_id
  union  all
  select s.resource, s.region, s.name, s.row_id, s.observed_id, 'gone', null
  from   step s
  where  s.action in ('create', 'adopt')
  and    not exists (select from explained e where e.resource = s.resource and e.row_id = s.row_id and e.field is null)
  and    not exists (select from iasql.drifted d where d.ended_at is null and d.resource = s.resource and d.row_id = s.row_id and d.what = 'gone')
  union  all
  select s.resource, s.region, s.name, null, s.observed_id, 'appeared', null
  from   step s join iasql.noted n on s.observed_id > n.last_observed
  where  s.is_unasked and s.row_id is null
  and    exists (select from iasql.noted_listing l where l.resource = s.resource and l.region in (coalesce(s.region, ''), ''))
  and    not exists (select from iasql.drifted d where d.ended_at is null and d.resource = s.resource and d.observed_id = s.observed_id and d.what = 'appeared')
$$;
comment on function iasql.unexplained is 'The steps of a plan that neither a user nor the engine nor the last plan explains.';

create function iasql.end_drift(steps jsonb) returns void
language sql set search_path = pg_catalog, pg_temp as $$
  with step as materialized (
    select * from iasql.steps_told(steps)
  ), over as (
    select d.*
    from   iasql.drifted d
    where  d.ended_at is null
    and    not exists (
             select from step s
             where  s.resource = d.resource
             and    case d.what when 'appeared' then s.row_id is null and s.observed_id = d.observed_id
                                when 'gone' then s.row_id = d.row_id and s.action in ('create', 'adopt', 'wait')
                                else s.row_id = d.row_id and (s.action = 'wait' or exists (select from jsonb_object_keys(d.changed) k where s.changed ? k)) end)
    -- what can't be seen is not over
    and    not exists (select from iasql.listing l where l.resource = d.resource and l.region in (coalesce(d.region, ''), '') and l.blind is not null)
  )
  update iasql.drifted d
  set    ended_at = clock_timestamp(), last_seen_at = coalesce((select n.looked_at from iasql.noted n), d.first_seen_at),
         ended_how = coalesce(
           (select 'put back by run ' || c.run from iasql.change c where c.row_id = d.row_id and c.resource = d.resource and c.state = 'done' and c.started_at > d.first_seen_at order by c.id limit 1),
           (select 'it is removed' from step s where s.row_id = d.row_id and s.resource = d.resource and s.action in ('create', 'delete') and d.what = 'changed' limit 1),
           (select case h.operation when 'delete' then 'its row was deleted' else 'its row was changed' end from iasql.history h
            where h.row_id = d.row_id and h.at > d.first_seen_at order by h.id desc limit 1),
           case d.what when 'appeared' then 'it is gone, or a row asks for it' else 'it was undone outside' end)
  from   over o
  where  d.id = o.id
$$;
comment on function iasql.end_drift is 'Ends the drift that a plan no longer shows, and says how.';

-- A user's own session may listen. Many at once are told of by their number.
create function iasql.tell_drift(since bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  one  record;
  many bigint := (select count(*) from iasql.drifted d where d.id > since);
begin
  for one in select d.* from iasql.drifted d where d.id > since order by d.id limit 100 loop
    perform pg_notify('iasql_drift', jsonb_build_object('resource', one.resource, 'region', one.region, 'name', left(one.name, 200), 'what', one.what)::text);
  end loop;
  if many > 100 then
    perform pg_notify('iasql_drift', jsonb_build_object('more', many - 100)::text);
  end if;
end
$$;
comment on function iasql.tell_drift is 'Tells whoever listens to iasql_drift of what was found after this number.';
