-- What can be done here, or what anything of ours means: a schema, a table, a function. Says it in the words of docs/reference/.
-- It runs as whoever calls it, over the catalog alone; the names are ours as long as the schema's owner is that of iasql.

create or replace function iasql.help(about text default null) returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  with asked as (
    select lower(trim(split_part(help.about, '(', 1))) as name
  ),
  ours as (
    select n.oid, n.nspname::text as name from pg_namespace n
    where  n.nspowner = (select o.nspowner from pg_namespace o where o.nspname = 'iasql')
    and    n.nspname not in ('public', 'information_schema') and n.nspname !~ '^pg_'
  ),
  -- schemas, tables and views, functions: what may be asked for
  thing as (
    select 'schema' as kind, o.oid, o.name, o.name as bare, o.name as schema, o.name as shown, coalesce(obj_description(o.oid, 'pg_namespace'), '') as said
    from   ours o
    union  all
    select 'table', c.oid, o.name || '.' || c.relname, c.relname, o.name, o.name || '.' || c.relname, coalesce(obj_description(c.oid, 'pg_class'), '')
    from   ours o join pg_class c on c.relnamespace = o.oid and c.relkind in ('r', 'p', 'v', 'm')
    union  all
    select 'function', p.oid, o.name || '.' || p.proname, p.proname, o.name,
           o.name || '.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ')' || coalesce(' returns ' || pg_get_function_result(p.oid), ''),
           coalesce(obj_description(p.oid, 'pg_proc'), '')
    from   ours o join pg_proc p on p.pronamespace = o.oid and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
  ),
  found as (
    select t.* from asked a join thing t on t.name = a.name
    union  all
    select t.* from asked a join thing t on t.bare = a.name where not exists (select from thing e where e.name = a.name)
  ),
  relation as (
    select f.*, c.relkind in ('v', 'm') as is_view from found f join pg_class c on c.oid = f.oid where f.kind = 'table'
  ),
  field as (
    select r.name as relation, a.attnum::integer as position, a.attname::text as name,
           concat_ws(', ',
             format_type(a.atttypid, a.atttypmod),
             (select 'key' from pg_constraint c where c.conrelid = r.oid and c.contype = 'p' and a.attnum = any (c.conkey)),
             (select min('unique') from pg_constraint c where c.conrelid = r.oid and c.contype = 'u' and c.conkey = array[a.attnum]),
             case when r.is_view then null
                  when a.attidentity <> '' then 'counts up'
                  when a.attgenerated <> '' then 'computed as ' || pg_get_expr(d.adbin, d.adrelid)
                  when d.adbin is not null then 'default ' || pg_get_expr(d.adbin, d.adrelid)
                  when a.attnotnull then 'required'
                  else 'optional' end,
             -- the last column of a foreign key is the one named after the thing
             (select 'refers to ' || string_agg(distinct pn.nspname || '.' || p.relname, ' and ')
              from   pg_constraint c join pg_class p on p.oid = c.confrelid join pg_namespace pn on pn.oid = p.relnamespace
              where  c.conrelid = r.oid and c.contype = 'f' and c.conkey[cardinality(c.conkey)] = a.attnum),
             case when m.marks ~ '@identity ' then 'the cloud''s own id' end,
             case when m.marks ~ '@cloud ' then 'filled by the cloud' end,
             case when m.marks ~ '@immutable ' then 'a change is a replacement' end,
             case when m.marks ~ '@secret ' then 'secret: never read back' end,
             case when m.marks ~ '@version ' then 'the version of a secret' end,
             case when m.marks ~ '@exact ' then 'NULL means none' end,
             case when m.marks ~ '@cascade ' then 'the cloud deletes the row along with it' end,
             'a row of its list ' || substring(m.marks from '@part ([a-z_]+) ')) as facts,
           regexp_replace(substr(m.said, length(m.marks) + 1), '\s+', ' ', 'g') as said
    from   relation r
    join   pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left   join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    cross  join lateral (select coalesce(col_description(a.attrelid, a.attnum), '')) c (said)
    cross  join lateral (select c.said, coalesce(substring(c.said from '^((@[a-z_]+ ([a-z_]+ (?=@|[A-Z]))?)+)'), '') as marks) m
  ),
  rule as (
    select r.name as relation, 'create_before_destroy' as name, 'a replacement is made before the old one goes' as said
    from   relation r where r.said ~ '^@create_before_destroy '
    union  all
    select r.name, c.conname::text,
           case when c.contype = 'u' then 'unique: ' || (select string_agg(a.attname, ', ' order by k.i) from unnest(c.conkey) with ordinality k (n, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n)
                -- a name of Postgres' own making is no sentence
                when c.conname ~ '_check[0-9]*$' then 'check: ' || substring(pg_get_constraintdef(c.oid, true) from '^CHECK \((.*)\)')
                else 'check: ' || replace(c.conname, '_', ' ') end
    from   relation r join pg_constraint c on c.conrelid = r.oid
    where  c.contype = 'c' or c.contype = 'u' and cardinality(c.conkey) > 1
  ),
  -- how alike two names are: the share of neighbouring letters that both have
  near as (
    select t.name, sum(case when strpos(' ' || own.name || ' ', substr(' ' || a.name || ' ', i, 2)) > 0 then 1 else 0 end)::numeric
                     / greatest(length(a.name), length(own.name)) as likeness
    from   asked a
    cross  join (select distinct t.name, t.bare from thing t where t.kind <> 'function' or has_function_privilege(t.oid, 'execute')) t
    cross  join lateral (select case when strpos(a.name, '.') > 0 then t.name else t.bare end) own (name)
    cross  join generate_series(1, length(a.name) + 1) i
    where  not exists (select from found)
    group  by t.name, a.name, own.name
  ),
  line as (
    select '' as thing, 0 as part, t.position::integer, t.said
    from   unnest(array[
             'Write rows into the services'' tables (\dt ec2.*), then look at the plan and say go:',
             '  select * from iasql.plan;      what would be done; sees your own uncommitted rows',
             '  select iasql.diff();           the same as text',
             '  call iasql.check();            reads the cloud and makes it so',
             '  call iasql.refresh();          reads the cloud only',
             '  select iasql.set(''mode'', ''on_commit'');   every commit is carried out',
             '  select iasql.help(''ec2'');      what stands in a schema; there are: ' || (select string_agg(o.name, ', ' order by o.name) from ours o),
             '  select iasql.help(''ec2.vpc'');  what a table means, or a function: iasql.help(''iasql.set'')']) with ordinality t (said, position)
    where  help.about is null
    union  all
    select f.shown, 0, 0, f.shown || ': ' || regexp_replace(regexp_replace(f.said, '^@create_before_destroy ', ''), '\s+', ' ', 'g') from found f
    union  all
    select f.relation, 1, f.position, '  ' || f.name || ' ' || f.facts || ': ' || f.said from field f
    union  all
    select u.relation, 2, row_number() over (partition by u.relation order by u.name collate "C")::integer, '  ' || u.said from rule u
    union  all
    -- what stands in a schema, without what is made for each table by itself
    select f.name, 3, row_number() over (partition by f.name order by t.kind desc, t.name collate "C")::integer, '  ' || t.shown || ': ' || regexp_replace(regexp_replace(t.said, '^@create_before_destroy ', ''), '\s+', ' ', 'g')
    from   found f join thing t on t.schema = f.name and t.kind <> 'schema'
    where  f.kind = 'schema' and t.bare !~ '^(found_of|resolved|difference_of)_'
    and    (t.kind = 'table' or has_function_privilege(t.oid, 'execute'))
    union  all
    select '', 4, 0, 'There is nothing called ' || help.about || coalesce('; did you mean ' || (
             select string_agg(n.name, ' or ' order by n.likeness desc, n.name) from (select * from near n where n.likeness > 0.5 order by n.likeness desc, n.name limit 3) n) || '?',
             '; select iasql.help(); says what can be done.')
    where  help.about is not null and not exists (select from found)
  )
  select l.said from line l order by l.thing collate "C", l.part, l.position
$$;
comment on function iasql.help is 'What can be done here, or what a schema, a table or a function of ours means.';
