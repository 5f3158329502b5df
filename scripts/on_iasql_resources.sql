-- Every thing in the cloud that is this database's, a line each: its type, its key, and what the cloud calls it.

\set QUIET on
select string_agg(
         format('select %L::text, concat_ws('' '', %s), coalesce(_o.%I::text, '''') from observed.%I _o where _o.managed and not _o.superseded',
                r.name,
                (select string_agg(format('_o.%I', f.field), ', ' order by f.position) from iasql.field f where f.resource = r.name and f.is_key and not f.is_region),
                -- what has no id of its own is shown by its key alone
                coalesce(i.field, 'owner'), iasql.relation(r.name)),
         ' union all ' order by r.position) || ' order by 1, 2' as query
from   iasql.resource r join iasql.identity i on i.resource = r.name
where  r.part_of is null
\gset
\pset format aligned
\pset tuples_only on
\pset border 0
:query;
