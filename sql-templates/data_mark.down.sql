-- iasql.help knows one mark of tables.

do $$
begin
  execute replace(replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$'^(@[a-z_]+ )+', ''$word$,
    $word$'^@create_before_destroy ', ''$word$),
    $word$where r.said ~ '^(@[a-z_]+ )*@create_before_destroy '
    union  all
    select r.name, 'data', 'a replacement loses its data, and needs a yes'
    from   relation r where r.said ~ '^(@[a-z_]+ )*@data '$word$,
    $word$where r.said ~ '^@create_before_destroy '$word$);
end
$$;
