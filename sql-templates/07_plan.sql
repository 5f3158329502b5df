-- The plan: what differs, what a replacement drags along, what is in the way, and what waits for what.

create type iasql.referrer as (
  resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text, field text, is_immutable boolean,
  parent_row_id uuid, parent_observed_id bigint, was jsonb
);
comment on type iasql.referrer is 'A row that refers to another, in the tables and in the cloud.';

-- What stands on rows that are replaced. An immutable reference drags its row along, and so on upwards; a mutable one
-- needs an update between the new one's creation and the old one's end.
create function iasql.dragged(replaced uuid[])
returns table (resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text, action text, field text, parent_row_id uuid, parent_observed_id bigint, was jsonb)
language plpgsql stable as $$
declare
  frontier uuid[] := replaced;
  known    uuid[] := coalesce(replaced, '{}');
  found    iasql.referrer[];
begin
  while cardinality(frontier) > 0 loop
    found := array(select row(r.*)::iasql.referrer from iasql.referrers(frontier) r);
    return query
      select f.resource, f.row_id, f.observed_id, f.region, f.key, f.name, case when f.is_immutable then 'replace' else 'update' end, f.field, f.parent_row_id, f.parent_observed_id, f.was
      from   unnest(found) f;
    frontier := array(select distinct f.row_id from unnest(found) f where f.is_immutable and not f.row_id = any (known));
    known := known || frontier;
  end loop;
end
$$;

comment on function iasql.dragged is 'What stands on rows that are replaced, directly or not, and what that means for it.';

-- Every step with the ids that the engine orders them by. iasql.plan is this for people.
create view iasql.step as
with base as materialized (
  select * from iasql.difference()
), drag as materialized (
  select * from iasql.dragged((select array_agg(b.row_id) from base b where b.action = 'replace'))
), along as (
  select d.resource, d.row_id, d.observed_id, d.region, d.key, d.name,
         case when bool_or(d.action = 'replace') then 'replace' else 'update' end as action,
         jsonb_object_agg(d.field, jsonb_build_array(d.was, '(new)'::text)) as changed,
         string_agg(distinct (select coalesce(min(p.resource || ' ' || p.name), '?') from (select b.resource, b.name, b.row_id from base b union all select x.resource, x.name, x.row_id from drag x) p where p.row_id = d.parent_row_id) || ' is replaced', ', ') as reason,
         array_agg(d.parent_row_id) as wants, array_agg(d.parent_observed_id) as holds,
         coalesce(array_agg(d.parent_observed_id) filter (where f.is_cascade), '{}') as goes_with
  from   drag d
  left   join iasql.reference f on f.resource = d.resource and f.field = d.field
  group  by d.resource, d.row_id, d.observed_id, d.region, d.key, d.name
), step as (
  select b.resource, b.row_id, b.observed_id, b.region, b.key, b.name,
         case when b.action = 'update' and a.action = 'replace' then 'replace' else b.action end as action,
         case when a.row_id is null or b.action = 'wait' then b.changed else coalesce(b.changed, '{}') || a.changed end as changed,
         case when b.action = 'wait' then b.reason else nullif(concat_ws(', ', b.reason, a.reason), '') end as reason,
         b.wants || coalesce(a.wants, '{}') as wants, b.holds || coalesce(a.holds, '{}') as holds,
         b.goes_with || coalesce(a.goes_with, '{}') as goes_with, b.blocked
  from   base b left join along a on a.row_id = b.row_id and b.action in ('update', 'replace', 'wait')
  union  all
  select a.resource, a.row_id, a.observed_id, a.region, a.key, a.name, a.action, a.changed, a.reason, a.wants, a.holds, a.goes_with, false
  from   along a where not exists (select from base b where b.row_id = a.row_id)
), in_the_way as (
  select h.parent, string_agg(h.resource || ' ' || h.name, ', ' order by h.resource, h.name) as names
  -- where nothing ends, nobody is asked
  from   (select array_agg(s.observed_id) as ends from step s where s.action in ('delete', 'replace') and s.observed_id is not null) e
  cross  join lateral iasql.holders(e.ends) h
  -- what this very plan removes is not in the way
  where  e.ends is not null
  and    not exists (select from step d where d.resource = h.resource and d.name = h.name and d.action = 'delete')
  group  by h.parent
)
select coalesce(s.row_id::text, 'observed ' || s.observed_id) as id,
       s.resource, s.region, s.key, s.name,
       case when u.row_id is not null then 'wait' else s.action end as action, s.changed,
       case when w.parent is not null then w.names || ' stands on it and is not ours'
            when u.row_id is not null then 'an earlier attempt may still show up' else s.reason end as reason,
       s.blocked or w.parent is not null as blocked,
       s.row_id, s.observed_id, s.wants, s.holds, s.goes_with, r.creates_first
from   step s
join   iasql.resource r on r.name = s.resource
left   join in_the_way w on w.parent = s.observed_id and s.action in ('delete', 'replace')
-- a creation whose answer nobody knows is not made again before the lists have had time to show it
left   join (select distinct c.row_id from iasql.change c
             where  c.state in ('intent', 'unanswered') and c.action = 'create'
             and    c.started_at > statement_timestamp() - make_interval(secs => iasql.setting('list_delay_seconds')::integer)) u
       on u.row_id = s.row_id and s.action = 'create';
comment on view iasql.step is 'The plan with the ids that order it: which rows a step wants there, which observed things it holds on to, which it goes with.';

create view iasql.plan as
with step as materialized (
  select * from iasql.step
), waits as (
  select s.id, t.resource || ' ' || t.name as name
  from   step s, unnest(s.wants) w join step t on t.row_id = w
  where  t.id <> s.id and s.action in ('create', 'adopt', 'update', 'replace') and t.action in ('create', 'adopt', 'replace', 'wait')
  union
  select s.id, t.resource || ' ' || t.name
  from   step t, unnest(t.holds) h join step s on s.observed_id = h
  where  t.id <> s.id and s.action in ('delete', 'replace') and t.action in ('delete', 'replace', 'update', 'wait') and not h = any (t.goes_with)
), depends as (
  select w.id, array_agg(distinct w.name order by w.name) as names from waits w group by w.id
)
select s.resource, s.region, s.key, s.name, s.action, s.changed, s.reason, coalesce(d.names, '{}') as depends_on, s.blocked
from   step s left join depends d on d.id = s.id
order  by s.resource, s.region, s.name;
comment on view iasql.plan is 'What the engine would do now, a row per step. It sees your own uncommitted rows.';
comment on column iasql.plan.resource is 'The resource type.';
comment on column iasql.plan.region is 'The region, where there is one.';
comment on column iasql.plan.key is 'The row''s key.';
comment on column iasql.plan.name is 'The row''s key as text.';
comment on column iasql.plan.action is 'create, adopt (take over what exists), update (in place), replace, delete, wait (the cloud is still busy with it) or unmanaged (never ours, left alone).';
comment on column iasql.plan.changed is 'What differs: {column: [is, should be]}. Secrets show as three stars.';
comment on column iasql.plan.reason is 'Why.';
comment on column iasql.plan.depends_on is 'The steps that come first.';
comment on column iasql.plan.blocked is 'Whether the step can''t be done as things stand; the reason says what is in the way.';

create function iasql.diff() returns setof text
language sql stable as $$
  with plan as materialized (select * from iasql.plan),
  line as (
    select p.resource, p.region, p.name, 0 as part, '' as field,
           case p.action when 'create' then '+' when 'adopt' then '=' when 'update' then '~' when 'replace' then '-/+' when 'delete' then '-' when 'wait' then '…' else '?' end
             || ' ' || p.resource || ' ' || p.name || case when p.region is null then '' else ' (' || p.region || ')' end
             || case when p.blocked then '  BLOCKED: ' || p.reason when p.reason is null or p.action in ('create', 'delete') then '' else '  # ' || p.reason end as said
    from   plan p
    union  all
    select p.resource, p.region, p.name, 1, c.key, '      ' || c.key || ': ' || coalesce(c.value ->> 0, 'null') || ' -> ' || coalesce(c.value ->> 1, 'null')
    from   plan p, jsonb_each(p.changed) c
    where  p.action <> 'wait'
    union  all
    select '~', l.region, l.resource, 2, '', '! ' || l.resource || case when l.region = '' then '' else ' in ' || l.region end || ' can''t be seen, and is left alone: ' || l.blind
    from   iasql.listing l where l.blind is not null
    union  all
    select '~~', null, null, 3, '', case when count(*) = 0 and exists (select from iasql.listing l where l.blind is not null) then 'Nothing to do where the cloud can be seen.'
             when count(*) = 0 then 'Nothing to do: the cloud is as the tables say.'
             else 'Plan: ' || concat_ws(', ', nullif(count(*) filter (where p.action = 'create'), 0) || ' to create', nullif(count(*) filter (where p.action = 'adopt'), 0) || ' to adopt',
               nullif(count(*) filter (where p.action = 'update'), 0) || ' to update', nullif(count(*) filter (where p.action = 'replace'), 0) || ' to replace',
               nullif(count(*) filter (where p.action = 'delete'), 0) || ' to delete', nullif(count(*) filter (where p.action = 'wait'), 0) || ' to wait for',
               nullif(count(*) filter (where p.action = 'unmanaged'), 0) || ' unmanaged and left alone') || '.' end
    from   plan p)
  select said from line order by resource, region, name, part, field
$$;
comment on function iasql.diff is 'The plan as text: + create, = adopt, ~ update, -/+ replace, - delete, … wait, ? unmanaged.';
