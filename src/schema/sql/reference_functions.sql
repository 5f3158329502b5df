-- The functions and procedures of one schema that somebody may call by name.
select n.nspname || '.' || p.proname as name,
       n.nspname || '.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ')' || coalesce(' returns ' || pg_get_function_result(p.oid), '') as signature,
       regexp_replace(coalesce(obj_description(p.oid, 'pg_proc'), ''), '\s+', ' ', 'g') as said
from   pg_proc p join pg_namespace n on n.oid = p.pronamespace
where  n.nspname = $1 and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
order  by n.nspname || '.' || p.proname collate "C", pg_get_function_arguments(p.oid) collate "C"
