-- Everything of a user's in public, without what an upgrade changes on purpose.
select format('%s %s %s %s %s', c.relkind, c.relname, c.relacl, c.reloptions, obj_description(c.oid)) as line from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind <> 'i'
union all
select format('column %s.%s %s', c.relname, a.attname, col_description(c.oid, a.attnum)) from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relnamespace = 'public'::regnamespace and a.attnum > 0
union all
select format('%s %s %s', p.oid::regprocedure, p.proowner::regrole, obj_description(p.oid)) from pg_proc p where p.pronamespace = 'public'::regnamespace
union all
select pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal and t.tgrelid in (select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace)
union all
select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace
order by 1
