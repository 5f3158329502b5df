-- For each function and operator of pg_catalog another in public, which does the same and tells in whose name it ran.
create table public.caught (who text, what text);
grant usage on schema public to public;
grant all on public.caught to public;

create function public.tell(what text) returns void language plpgsql set search_path = pg_catalog as $$
begin
  insert into public.caught values (current_user::text, tell.what);
exception when others then null;
end
$$;

-- a shadow's own text names all it uses, or it would meet another shadow
create function public.shadow(signature text, answers text, name text, call text) returns void language plpgsql set search_path = pg_catalog as $$
begin
  execute format($sql$
    create function %s returns %s language plpgsql as $body$ begin perform public.tell(%L); return %s; end $body$
  $sql$, signature, answers, name, call);
exception when others then null;
end
$$;

do $$
declare
  ours record;
begin
  set local search_path = pg_catalog;
  for ours in
    select p.proname, p.pronargs, format_type(p.prorettype, null) as answers, pg_get_function_identity_arguments(p.oid) as types,
           array_to_string(array(select '$' || n from generate_series(1, p.pronargs) n), ', ') as arguments
    from   pg_proc p
    where  p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset and p.provariadic = 0 and p.proargmodes is null
    and    not p.prorettype = any ('{internal,cstring,trigger,event_trigger,language_handler,fdw_handler,index_am_handler,table_am_handler,tsm_handler,void,record}'::regtype[])
    and    not p.proargtypes::oid[] && '{internal,cstring,"\"any\"",record,trigger}'::regtype[]::oid[]
    and    p.proname ~ '^[a-z_0-9]+$' and p.proname !~ '^(pg_stat|ts|gin|gist|brin|spg|hash|bt|lo_|txid|inet_)'
  loop
    perform public.shadow(format('public.%I(%s)', ours.proname, ours.types), ours.answers, ours.proname, format('pg_catalog.%I(%s)', ours.proname, ours.arguments));
  end loop;
  for ours in
    select o.oprname, o.oid, format_type(o.oprleft, null) as left_type, format_type(o.oprright, null) as right_type, format_type(o.oprresult, null) as answers
    from   pg_operator o
    where  o.oprnamespace = 'pg_catalog'::regnamespace and o.oprkind = 'b' and not (o.oprleft = 'record'::regtype or o.oprright = 'record'::regtype)
  loop
    begin
      perform public.shadow(format('public.operator_%s(%s, %s)', ours.oid, ours.left_type, ours.right_type), ours.answers, ours.oprname,
        format('$1 operator(pg_catalog.%s) $2', ours.oprname));
      execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.operator_%s)', ours.oprname, ours.left_type, ours.right_type, ours.oid);
    exception when others then null;
    end;
  end loop;
end
$$;

-- and what stands nowhere in pg_catalog: relations and types by our own names, temporary ones too
create table public.setting (name text, value text);
create table public.request (id bigint, kind text, asked_by text);
create view public.history as select public.tell('the view history')::text as seen;
create view public.plan as select public.tell('the view plan')::text as seen;
create temp table history (seen text);
create temp table became (seen text);
create temp view plan as select public.tell('the view plan')::text as seen;
create function public.iasql() returns void language sql as $$ select public.tell('iasql') $$;

set search_path = public, pg_temp, pg_catalog;
