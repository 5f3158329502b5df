-- iasql.help knows the mark @data: what is said of a table, and what it leaves out of its comment.

do $$
begin
  execute replace(replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$'^@create_before_destroy ', ''$word$,
    $word$'^(@[a-z_]+ )+', ''$word$),
    $word$where r.said ~ '^@create_before_destroy '$word$,
    $word$where r.said ~ '^(@[a-z_]+ )*@create_before_destroy '
    union  all
    select r.name, 'data', 'a replacement loses its data, and needs a yes'
    from   relation r where r.said ~ '^(@[a-z_]+ )*@data '$word$);
end
$$;
