-- The tables and views of one schema with their columns and rules, in the words of iasql.help.
with relation as (
  select c.oid, n.nspname || '.' || c.relname as name, c.relkind in ('v', 'm') as is_view, coalesce(obj_description(c.oid, 'pg_class'), '') as said
  from   pg_class c join pg_namespace n on n.oid = c.relnamespace
  where  n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm')
),
field as (
  select r.oid, a.attnum::integer as position, a.attname::text as name,
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
  select r.oid, 'create_before_destroy' as name, 'a replacement is made before the old one goes' as said
  from   relation r where r.said ~ '^(@[a-z_]+ )*@create_before_destroy '
  union  all
  select r.oid, 'data', 'a replacement loses its data, and needs a yes'
  from   relation r where r.said ~ '^(@[a-z_]+ )*@data '
  union  all
  select c.conrelid, c.conname::text,
         case when c.contype = 'u' then 'unique: ' || (select string_agg(a.attname, ', ' order by k.i) from unnest(c.conkey) with ordinality k (n, i) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n)
              -- a name of Postgres' own making is no sentence
              when c.conname ~ '_check[0-9]*$' then 'check: ' || substring(pg_get_constraintdef(c.oid, true) from '^CHECK \((.*)\)')
              else 'check: ' || replace(c.conname, '_', ' ') end
  from   relation r join pg_constraint c on c.conrelid = r.oid
  where  c.contype = 'c' or c.contype = 'u' and cardinality(c.conkey) > 1
)
select * from (
  select r.name, 0 as part, 0 as position, null as field, null as facts,
         regexp_replace(regexp_replace(r.said, '^(@[a-z_]+ )+', ''), '\s+', ' ', 'g') as said
  from   relation r
  union  all
  select r.name, 1, f.position, f.name, f.facts, f.said from relation r join field f using (oid)
  union  all
  select r.name, 2, row_number() over (partition by r.oid order by u.name collate "C")::integer, null, null, u.said from relation r join rule u using (oid)
) line
order  by name collate "C", part, position
