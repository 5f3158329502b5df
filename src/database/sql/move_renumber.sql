-- The upper 16 of 64 bits count the moves: no server gets as far as to use them.
do $$
declare
  place record;
begin
  set local role :"owner";
  for place in
    select format('%I.%I', n.nspname, c.relname) as relation, quote_ident(a.attname) as field
    from   pg_catalog.pg_attribute a
    join   pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind = 'r'
    join   pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join   pg_catalog.pg_roles r on r.oid = c.relowner and r.rolname = :'owner'
    where  a.atttypid = 'pg_catalog.xid8'::pg_catalog.regtype and not a.attisdropped
    order  by 1, 2
  loop
    execute format(
      'update %1$s set %2$s = ((%2$s::text::numeric + 281474976710656 * (select floor(max(t.%2$s::text::numeric) / 281474976710656) + 1 from %1$s t))::text)::pg_catalog.xid8
       where %2$s is not null and %2$s::text::numeric < 281474976710656', place.relation, place.field);
  end loop;
end
$$
