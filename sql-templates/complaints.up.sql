-- A view in the schema policy complains, a row each. It belongs to the tenant, so nobody else ever reads it.

-- What one policy says, at most so many rows of it. Whatever fails in it is said as well, and shortened: it is somebody's own text.
create function iasql.complaints_of(policy text, at_most integer) returns setof text
language plpgsql as $$
begin
  -- whoever reads a view runs what its owner wrote
  if not (current_user::text operator(pg_catalog.=) coalesce(iasql.setting('tenant'), '')) then
    raise exception 'policies are read by their tenant alone' using errcode = 'insufficient_privilege';
  end if;
  begin
    return query execute format($sql$
      select 'policy.' || $1 || ': ' || left(regexp_replace(left(coalesce(
               (select case when count(*) = 1 then max(f.value) else string_agg(f.key || ' ' || coalesce(f.value, '-'), ', ') end from json_each_text(row_to_json(_c)) f), ''), 2000), '[[:cntrl:]]+', ' ', 'g'), 300)
      from   policy.%I _c limit $2
    $sql$, complaints_of.policy) using complaints_of.policy, complaints_of.at_most;
  exception when query_canceled then
    return next 'policy.' || complaints_of.policy || ' can''t be asked: it took too long';
  when others or assert_failure then
    return next 'policy.' || complaints_of.policy || ' can''t be asked: ' || left(regexp_replace(left(sqlerrm, 2000), '[[:cntrl:]]+', ' ', 'g'), 300);
  end;
end
$$;
comment on function iasql.complaints_of is 'What one view in the schema policy complains about.';

create function iasql.complaints() returns setof text
language sql as $$
  select said
  from   (select c.relname from pg_class c where c.relnamespace = to_regnamespace('policy') and c.relkind = 'v' order by c.relname offset 0) v,
         iasql.complaints_of(v.relname, 10) said
$$;
comment on function iasql.complaints is 'What the views in the schema policy complain about: with any, nothing is applied.';

create function iasql.admit_to_what_complaints_added(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant execute on function iasql.complaints(), iasql.complaints_of(text, integer) to %I', tenant);
end
$$;
comment on function iasql.admit_to_what_complaints_added is 'Lets the tenant read its own policies.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_complaints_added(iasql.setting('tenant'));
  end if;
end
$$;
