-- Nothing is protected, and what carries data is replaced as everything else is.

create or replace view iasql.step as
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


create or replace function iasql.holder_arms() returns text
language sql stable as $$
  select string_agg(arm, E'\nunion all\n') from (
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on %5$s
where _op.id = any (parents) and not _o.managed and not _o.implicit$sql$,
      r.resource, coalesce(format('_o.%I::text', i.field), 'null::text'), iasql.relation(r.parent), iasql.relation(r.resource), iasql.observed_parent(r, '_o', '_op'))
    from iasql.arm_reference r join iasql.resource s on s.name = r.resource and s.part_of is null join iasql.identity i on i.resource = r.resource
    where not r.is_cascade
    union all
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on _op.id = any (%5$s)
where _op.id = any (parents) and not _o.managed and not _o.implicit$sql$,
      p.resource, format('_o.%I::text', i.field), iasql.relation(r.parent), iasql.relation(p.resource), iasql.held_by_reference(p, r, '_o'))
    from iasql.part p join iasql.part_reference r on r.part = p.part join iasql.identity i on i.resource = p.resource
  ) x (arm)
$$;
comment on function iasql.holders is 'The observed things, not ours, that stand on any of these observed things.';
select iasql.assemble_rest();

drop function iasql.admit_to_what_guards_added(text);
drop trigger a_replacement_is_allowed_once on iasql.change;
drop function iasql.use_up_replacement();
drop function iasql.forbid_replace(text, jsonb);
drop function iasql.forbid_replace(text, text, text);
drop function iasql.end_replacement(text, text, text, jsonb);
drop function iasql.allow_replace(text, jsonb);
drop function iasql.allow_replace(text, text, text);
drop function iasql.note_replacement(text, text, text, jsonb);
drop function iasql.unprotect(text, jsonb);
drop function iasql.unprotect(text, text, text);
drop function iasql.unprotect(text);
drop function iasql.end_protection(text, text, text, jsonb);
drop function iasql.protect(text, jsonb);
drop function iasql.protect(text, text, text);
drop function iasql.protect(text);
drop function iasql.one_called(text, text, text, jsonb);
drop function iasql.called(text, text, text, jsonb);
drop function iasql.guarded(text, text, uuid, text, jsonb, text);
drop function iasql.said_of(text, text, text, text);
drop function iasql.carries_data(text);
drop table iasql.allowed_replacement;
drop table iasql.protection;

delete from iasql.setting where name in ('max_deletes_percent', 'policy_seconds');
alter table iasql.setting drop constraint policy_seconds_are_1_to_20;
alter table iasql.setting drop constraint max_deletes_percent_is_0_to_100;
alter table iasql.setting drop constraint numbers_are_numbers;
alter table iasql.setting drop constraint a_setting_has_a_known_name;
alter table iasql.setting add constraint a_setting_has_a_known_name check (name in (
  'database', 'tenant', 'default_region', 'regions', 'mode', 'unknown_resources', 'max_deletes', 'list_delay_seconds'));
alter table iasql.setting add constraint numbers_are_numbers check (name not in ('max_deletes', 'list_delay_seconds') or value ~ '^[0-9]{1,9}$');
comment on function iasql.set is 'Changes a setting of this database: default_region, regions, mode, unknown_resources, max_deletes, list_delay_seconds.';
