-- What may not be deleted, and what may not be replaced without a yes. The plan shows both as blocked, before anything runs.

alter table iasql.setting drop constraint a_setting_has_a_known_name;
alter table iasql.setting drop constraint numbers_are_numbers;
alter table iasql.setting add constraint a_setting_has_a_known_name check (name in (
  'database', 'tenant', 'default_region', 'regions', 'mode', 'unknown_resources', 'max_deletes', 'list_delay_seconds', 'max_deletes_percent', 'policy_seconds'));
alter table iasql.setting add constraint numbers_are_numbers check (name not in ('max_deletes', 'list_delay_seconds') or value ~ '^[0-9]{1,9}$');
alter table iasql.setting add constraint max_deletes_percent_is_0_to_100 check (name <> 'max_deletes_percent' or value ~ '^([0-9]{1,2}|100)$');
alter table iasql.setting add constraint policy_seconds_are_1_to_20 check (name <> 'policy_seconds' or value ~ '^([1-9]|1[0-9]|20)$');
insert into iasql.setting (name, value) values ('max_deletes_percent', '50'), ('policy_seconds', '5');
comment on function iasql.set is 'Changes a setting of this database: default_region, regions, mode, unknown_resources, max_deletes (how many things one run may delete), max_deletes_percent (which share of all that is managed here; counts once a plan deletes 10 things or more), policy_seconds (how long the views in the schema policy may take together), list_delay_seconds.';

create table iasql.protection (
  resource     text        not null references iasql.resource (name) on delete cascade,
  row_id       uuid,
  region       text,
  key          jsonb,
  name         text,
  protected_by text        not null default session_user,
  protected_at timestamptz not null default clock_timestamp(),
  constraint a_row_is_protected_once unique nulls not distinct (resource, key),
  constraint a_protection_is_of_a_type_or_of_a_row_that_has_a_key check (key is not null or coalesce(row_id::text, region, name) is null)
);
comment on table iasql.protection is 'What is never deleted and never replaced: types as a whole, and rows. Written by iasql.protect and iasql.unprotect.';
comment on column iasql.protection.resource is 'The type.';
comment on column iasql.protection.row_id is 'The row, whatever it is renamed to; NULL for a whole type, and for a thing that is in no row.';
comment on column iasql.protection.region is 'The row''s region when it was protected.';
comment on column iasql.protection.key is 'The row''s key when it was protected: whoever has it later is protected as well. NULL for a whole type.';
comment on column iasql.protection.name is 'The same as text.';
comment on column iasql.protection.protected_by is 'The login that asked for it.';
comment on column iasql.protection.protected_at is 'When.';
create index protection_by_row on iasql.protection (row_id);

create table iasql.allowed_replacement (
  row_id     uuid        primary key,
  resource   text        not null references iasql.resource (name) on delete cascade,
  region     text,
  name       text        not null,
  run        uuid,
  allowed_by text        not null default session_user,
  allowed_at timestamptz not null default clock_timestamp()
);
comment on table iasql.allowed_replacement is 'The rows with data that may be replaced, once. Written by iasql.allow_replace and iasql.forbid_replace, and by the approval of a plan.';
comment on column iasql.allowed_replacement.row_id is 'The row.';
comment on column iasql.allowed_replacement.resource is 'Its type.';
comment on column iasql.allowed_replacement.region is 'Its region, where there is one.';
comment on column iasql.allowed_replacement.name is 'Its key as text when that was said.';
comment on column iasql.allowed_replacement.run is 'The run whose approved plan shows the replacement, and which it holds for; NULL where it was said by itself.';
comment on column iasql.allowed_replacement.allowed_by is 'The login that allowed it.';
comment on column iasql.allowed_replacement.allowed_at is 'When.';

create function iasql.carries_data(resource text) returns boolean
language sql stable as $$
  select coalesce(obj_description(to_regclass(carries_data.resource), 'pg_class') ~ '^(@[a-z_]+ )*@data ', false)
$$;
comment on function iasql.carries_data is 'Whether what a type''s rows stand for holds data that ends with it: the mark @data in the table''s comment.';

-- `select iasql.protect('s3.bucket', 'photos')` for whoever reads a plan; the region where it is not the usual one.
create function iasql.said_of(verb text, resource text, name text, region text) returns text
language sql stable as $$
  select format('select iasql.%s(%s)', verb, concat_ws(', ', quote_literal(said_of.resource), quote_literal(said_of.name),
           case when said_of.region <> iasql.default_region() then quote_literal(said_of.region) end))
$$;
comment on function iasql.said_of is 'The statement that says something of a row.';

-- Why the deletion or replacement of this very thing is held up; NULL where it is not.
create function iasql.guarded(action text, resource text, row_id uuid, region text, key jsonb, name text) returns text
language sql stable as $$
  select case
    when guarded.action not in ('delete', 'replace') then null
    when p.resource is not null and p.key is null then format('%s is protected: select iasql.unprotect(%1$L) says otherwise', guarded.resource)
    when p.resource is not null then 'it is protected: ' || iasql.said_of('unprotect', guarded.resource, guarded.name, guarded.region) || ' says otherwise'
    when guarded.action = 'replace' and iasql.carries_data(guarded.resource) and not exists (select from iasql.allowed_replacement a where a.row_id = guarded.row_id)
    then 'its data would be lost: if that is meant, say ' || iasql.said_of('allow_replace', guarded.resource, guarded.name, guarded.region)
  end
  from   (select 1) one
  left   join lateral (
           select p.resource, p.key from iasql.protection p
           where  p.resource = guarded.resource and (p.key is null or p.row_id = guarded.row_id or p.key = guarded.key)
           order  by p.key is null desc limit 1) p on true
$$;
comment on function iasql.guarded is 'Why the deletion or replacement of a thing is held up: it is protected, or carries data and nobody has said yes.';

create or replace view iasql.step as
with recursive base as materialized (
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
  where  not exists (select from iasql.listing l where l.resource = d.resource and l.region in ('', d.region) and l.blind is not null)
  group  by d.resource, d.row_id, d.observed_id, d.region, d.key, d.name
), ours as (
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
), step as materialized (
  select o.*, iasql.guarded(o.action, o.resource, o.row_id, o.region, o.key, o.name) as guard from ours o
), kept (parent, child) as (
  -- what is not to go keeps all that it stands on, and what that stands on
  select h, s.resource || ' ' || s.name
  from   step s cross join lateral unnest(s.holds) h where s.guard is not null
  union
  select h, s.resource || ' ' || s.name
  from   kept k join step s on s.observed_id = k.parent and s.action in ('delete', 'replace') cross join lateral unnest(s.holds) h
), stays as (
  select k.parent, string_agg(k.child, ', ' order by k.child) as names from kept k group by k.parent
), in_the_way as (
  select h.parent, concat_ws(', ',
           string_agg(h.resource || ' ' || h.name, ', ' order by h.resource, h.name) filter (where b.resource is null) || ' stands on it and is not ours',
           string_agg(h.resource || ' ' || h.name, ', ' order by h.resource, h.name) filter (where b.resource is not null) || ' stands on it and can''t be seen') as names
  -- where nothing ends, nobody is asked
  from   (select array_agg(s.observed_id) as ends from step s where s.action in ('delete', 'replace') and s.observed_id is not null) e
  cross  join lateral iasql.holders(e.ends) h
  left   join (select distinct l.resource from iasql.listing l where l.blind is not null) b on b.resource = h.resource
  -- what this very plan removes is not in the way
  where  e.ends is not null
  and    not exists (select from step d where d.resource = h.resource and d.name = h.name and d.action = 'delete')
  group  by h.parent
)
select coalesce(s.row_id::text, 'observed ' || s.observed_id) as id,
       s.resource, s.region, s.key, s.name,
       case when u.row_id is not null then 'wait' else s.action end as action, s.changed,
       case when w.parent is not null then w.names
            when u.row_id is not null then 'an earlier attempt may still show up'
            when s.guard is not null then concat_ws('; ', s.reason, s.guard)
            when k.parent is not null then concat_ws('; ', s.reason, k.names || ' stands on it and is not to go')
            else s.reason end as reason,
       s.blocked or w.parent is not null or s.guard is not null or k.parent is not null as blocked,
       s.row_id, s.observed_id, s.wants, s.holds, s.goes_with, r.creates_first
from   step s
join   iasql.resource r on r.name = s.resource
left   join in_the_way w on w.parent = s.observed_id and s.action in ('delete', 'replace')
left   join stays k on k.parent = s.observed_id and s.action in ('delete', 'replace')
-- a creation whose answer nobody knows is not made again before the lists have had time to show it
left   join (select distinct c.row_id from iasql.change c
             where  c.state in ('intent', 'unanswered') and c.action = 'create'
             and    c.started_at > statement_timestamp() - make_interval(secs => iasql.setting('list_delay_seconds')::integer)) u
       on u.row_id = s.row_id and s.action = 'create';

-- What can't be seen now may still be there, ours or not: nothing goes under it.
create or replace function iasql.holder_arms() returns text
language sql stable as $$
  select string_agg(arm, E'\nunion all\n') from (
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on %5$s
where _op.id = any (parents) and (not _o.managed or exists (select from iasql.listing _s where _s.resource = %1$L and _s.blind is not null)) and not _o.implicit$sql$,
      r.resource, coalesce(format('_o.%I::text', i.field), 'null::text'), iasql.relation(r.parent), iasql.relation(r.resource), iasql.observed_parent(r, '_o', '_op'))
    from iasql.arm_reference r join iasql.resource s on s.name = r.resource and s.part_of is null join iasql.identity i on i.resource = r.resource
    where not r.is_cascade
    union all
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on _op.id = any (%5$s)
where _op.id = any (parents) and (not _o.managed or exists (select from iasql.listing _s where _s.resource = %1$L and _s.blind is not null)) and not _o.implicit$sql$,
      p.resource, format('_o.%I::text', i.field), iasql.relation(r.parent), iasql.relation(p.resource), iasql.held_by_reference(p, r, '_o'))
    from iasql.part p join iasql.part_reference r on r.part = p.part join iasql.identity i on i.resource = p.resource
  ) x (arm)
$$;
comment on function iasql.holders is 'The observed things, not ours or not seen this time, that stand on any of these observed things.';
select iasql.assemble_rest();

-- The rows of a type, and its things that are in no row, by what they are called.
create function iasql.called(type text, called text, within text, keyed jsonb) returns table (row_id uuid, region text, key jsonb, name text)
language plpgsql stable as $$
#variable_conflict use_column
declare
  known text := (select r.name from iasql.resource r where r.name = called.type and r.part_of is null);
begin
  if known is null then
    raise exception 'there is no type %', left(coalesce(called.type, 'NULL'), 80)
      using errcode = 'undefined_object', hint = 'They are listed by: select name from iasql.resource where part_of is null.';
  end if;
  return query execute format($sql$
    select x.* from (select _d.row_id, %1$s, %2$s, %3$s from %4$s _d) x (row_id, region, key, name)
    where ($1 is null or x.name = $1) and ($2 is null or x.region = $2) and ($3 is null or x.key @> $3)
  $sql$, iasql.region_of(known, '_d'), iasql.key_of(known, '_d', false), iasql.name_of(known, '_d', false), known)
    using called.called, called.within, called.keyed;
  if not found then
    return query
    select s.row_id, s.region, s.key, s.name from iasql.step s
    where  s.resource = known and s.action in ('delete', 'unmanaged')
    and    (called.called is null or s.name = called.called) and (called.within is null or s.region = called.within) and (called.keyed is null or s.key @> called.keyed);
  end if;
end
$$;
comment on function iasql.called is 'The rows of a type, or its things that are in no row, by their name or parts of their key.';

create function iasql.one_called(type text, called text, within text, keyed jsonb) returns table (row_id uuid, region text, key jsonb, name text)
language plpgsql stable as $$
#variable_conflict use_column
declare
  what  text := one_called.type || ' ' || coalesce(one_called.called, one_called.keyed::text, 'NULL') || coalesce(' in ' || one_called.within, '');
  keys  jsonb[];
begin
  keys := array(select c.key from iasql.called(one_called.type, coalesce(one_called.called, case when one_called.keyed is null then '' end), one_called.within, one_called.keyed) c order by c.key::text);
  if cardinality(keys) = 0 then
    raise exception 'there is no %', what using errcode = 'no_data_found';
  elsif cardinality(keys) > 1 then
    raise exception 'there are % of %', cardinality(keys), what
      using errcode = 'ambiguous_parameter', hint = 'Say which one: ' || array_to_string(keys[1:5], ', ') || '.';
  end if;
  return query select * from iasql.called(one_called.type, one_called.called, one_called.within, one_called.keyed);
end
$$;
comment on function iasql.one_called is 'The same, where there is exactly one.';

create function iasql.protect(resource text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform iasql.called(protect.resource, '', null, null);
  insert into iasql.protection (resource) values (protect.resource) on conflict do nothing;
end
$$;
comment on function iasql.protect(text) is 'From now on nothing of this type is deleted or replaced.';

create function iasql.protect(resource text, name text, region text default null) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into iasql.protection (resource, row_id, region, key, name)
  select protect.resource, c.row_id, c.region, c.key, c.name from iasql.one_called(protect.resource, protect.name, protect.region, null) c
  on conflict on constraint a_row_is_protected_once do update set row_id = excluded.row_id
$$;
comment on function iasql.protect(text, text, text) is 'From now on this row''s thing is not deleted and not replaced, whatever the row is renamed to.';

create function iasql.protect(resource text, key jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into iasql.protection (resource, row_id, region, key, name)
  select protect.resource, c.row_id, c.region, c.key, c.name from iasql.one_called(protect.resource, null, null, protect.key) c
  on conflict on constraint a_row_is_protected_once do update set row_id = excluded.row_id
$$;
comment on function iasql.protect(text, jsonb) is 'The same, by the row''s key as an object: {"name": "photos"}, with the region where there is one.';

create function iasql.end_protection(type text, called text, within text, keyed jsonb) returns void
language plpgsql as $$
begin
  if end_protection.called is null and end_protection.keyed is null then
    delete from iasql.protection p where p.resource = end_protection.type and p.key is null;
  else
    delete from iasql.protection p
    where  p.resource = end_protection.type and p.key is not null
    and    (p.row_id in (select c.row_id from iasql.called(end_protection.type, end_protection.called, end_protection.within, end_protection.keyed) c)
            or (end_protection.called is null or p.name = end_protection.called) and (end_protection.within is null or p.region = end_protection.within)
               and (end_protection.keyed is null or p.key @> end_protection.keyed));
  end if;
  if not found then
    raise exception '% is not protected', concat_ws(' ', left(end_protection.type, 80), left(end_protection.called, 200), end_protection.keyed)
      using errcode = 'no_data_found', hint = 'What is stands in iasql.protection.';
  end if;
end
$$;
comment on function iasql.end_protection is 'Takes back what iasql.protect said.';

create function iasql.unprotect(resource text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.end_protection(unprotect.resource, null, null, null)
$$;
comment on function iasql.unprotect(text) is 'Takes back what iasql.protect said of a whole type.';

create function iasql.unprotect(resource text, name text, region text default null) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.end_protection(unprotect.resource, coalesce(unprotect.name, ''), unprotect.region, null)
$$;
comment on function iasql.unprotect(text, text, text) is 'Takes back what iasql.protect said of a row; without a region, of all that are called so.';

create function iasql.unprotect(resource text, key jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.end_protection(unprotect.resource, case when unprotect.key is null then '' end, null, unprotect.key)
$$;
comment on function iasql.unprotect(text, jsonb) is 'Takes back what iasql.protect said of a row, by its key.';

create function iasql.note_replacement(type text, called text, within text, keyed jsonb) returns void
language plpgsql as $$
declare
  one record;
begin
  select * into one from iasql.one_called(note_replacement.type, note_replacement.called, note_replacement.within, note_replacement.keyed);
  if one.row_id is null then
    raise exception 'there is no row of % %', note_replacement.type, one.name using errcode = 'no_data_found';
  elsif not iasql.carries_data(note_replacement.type) then
    raise exception '% is replaced without a yes: it carries no data', note_replacement.type
      using errcode = 'invalid_parameter_value', hint = format('To keep it from being replaced: select iasql.protect(%L).', note_replacement.type);
  end if;
  insert into iasql.allowed_replacement (row_id, resource, region, name) values (one.row_id, note_replacement.type, one.region, one.name)
  on conflict on constraint allowed_replacement_pkey do update set run = null, allowed_by = session_user, allowed_at = clock_timestamp();
end
$$;
comment on function iasql.note_replacement is 'Writes down that a row with data may be replaced.';

create function iasql.allow_replace(resource text, name text, region text default null) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.note_replacement(allow_replace.resource, coalesce(allow_replace.name, ''), allow_replace.region, null)
$$;
comment on function iasql.allow_replace(text, text, text) is 'Lets a row with data be replaced, once: its data is lost then.';

create function iasql.allow_replace(resource text, key jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.note_replacement(allow_replace.resource, null, null, allow_replace.key)
$$;
comment on function iasql.allow_replace(text, jsonb) is 'The same, by the row''s key as an object.';

create function iasql.end_replacement(type text, called text, within text, keyed jsonb) returns void
language plpgsql as $$
begin
  delete from iasql.allowed_replacement a
  where  a.resource = end_replacement.type
  and    (a.row_id in (select c.row_id from iasql.called(end_replacement.type, end_replacement.called, end_replacement.within, end_replacement.keyed) c)
          or a.name = end_replacement.called and (end_replacement.within is null or a.region = end_replacement.within));
  if not found then
    raise exception 'nobody has allowed to replace % %', left(end_replacement.type, 80), coalesce(left(end_replacement.called, 200), end_replacement.keyed::text)
      using errcode = 'no_data_found', hint = 'What is allowed stands in iasql.allowed_replacement.';
  end if;
end
$$;
comment on function iasql.end_replacement is 'Takes back what iasql.allow_replace said.';

create function iasql.forbid_replace(resource text, name text, region text default null) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.end_replacement(forbid_replace.resource, coalesce(forbid_replace.name, ''), forbid_replace.region, null)
$$;
comment on function iasql.forbid_replace(text, text, text) is 'Takes back what iasql.allow_replace said, as long as it has not been done.';

create function iasql.forbid_replace(resource text, key jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.end_replacement(forbid_replace.resource, null, null, forbid_replace.key)
$$;
comment on function iasql.forbid_replace(text, jsonb) is 'The same, by the row''s key as an object.';

-- A yes is for one replacement: when the new one has been made, it is used up.
create function iasql.use_up_replacement() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from iasql.allowed_replacement a where a.row_id = new.row_id;
  return null;
end
$$;
comment on function iasql.use_up_replacement is 'Forgets that a row may be replaced, once it has been.';
create trigger a_replacement_is_allowed_once after update of state on iasql.change for each row
  when (new.state = 'done' and new.action = 'create') execute function iasql.use_up_replacement();

create function iasql.admit_to_what_guards_added(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant execute on function iasql.protect(text), iasql.protect(text, text, text), iasql.protect(text, jsonb), iasql.unprotect(text), iasql.unprotect(text, text, text), iasql.unprotect(text, jsonb), iasql.allow_replace(text, text, text), iasql.allow_replace(text, jsonb), iasql.forbid_replace(text, text, text), iasql.forbid_replace(text, jsonb), iasql.guarded(text, text, uuid, text, jsonb, text), iasql.carries_data(text), iasql.said_of(text, text, text, text) to %I', tenant);
end
$$;
comment on function iasql.admit_to_what_guards_added is 'Lets the tenant protect, and see in the plan what is protected.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_guards_added(iasql.setting('tenant'));
  end if;
end
$$;
select iasql.close_types();
