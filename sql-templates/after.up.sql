-- What is of the same parent may have to be there first, though nothing refers to it: a machine begins with its app's secrets.

create function iasql.comes_after(resource text) returns text
language sql stable as $$
  select format('array(select _x.row_id from %s _x where %s)', other.resource, iasql.equal('(_n._d)', own.child_fields, '_x', other.child_fields))
  from   pg_attribute a
  join   iasql.reference own on own.resource = comes_after.resource
  join   iasql.reference other on other.parent = own.parent
                              and other.resource = split_part(comes_after.resource, '.', 1) || '.' || substring(col_description(a.attrelid, a.attnum) from '^@after ([a-z_]+) ')
  where  a.attrelid = to_regclass(comes_after.resource) and a.attnum > 0 and not a.attisdropped
$$;
comment on function iasql.comes_after is 'The rows that are to be there before one of a type is made or changed, as SQL; NULL where it has no such mark.';

do $$
begin
  execute replace(pg_get_functiondef('iasql.arm(text)'::regprocedure),
    $word$from iasql.part p where p.resource = arm.resource), '''{}''::uuid[]');$word$,
    $word$from iasql.part p where p.resource = arm.resource), iasql.comes_after(arm.resource), '''{}''::uuid[]');$word$);
end
$$;
