-- Clouds that are not AWS: places of their own, and answers that say more than was asked for.

create or replace function iasql.make_checks(resource text) returns void
language plpgsql as $$
begin
  if exists (select from iasql.field f join pg_attribute a on a.attrelid = f.resource::regclass and a.attname = f.field
             where  f.resource = make_checks.resource and f.is_region
             -- a cloud that spells its places in another way says so, and checks them itself
             and    coalesce(col_description(a.attrelid, a.attnum), '') !~ '^(@[a-z_]+ )*@place ') then
    execute format('alter table %s add constraint a_region_is_spelt_like_us_east_1 check (iasql.is_region(region))', resource);
  end if;
  if exists (select from iasql.field f where f.resource = make_checks.resource and f.field = 'name' and f.is_key) then
    execute format('alter table %s add constraint a_name_is_not_blank_and_has_no_control_characters check (name ~ ''\S'' and name !~ ''[[:cntrl:]]'')', resource);
  end if;
end
$$;

-- The members of the outermost list or object are all that there are to be; inside of them, what is not said is left alone.
create function iasql.is_as_said(said jsonb, shown jsonb, whole boolean default true) returns boolean
language plpgsql immutable as $$
begin
  if said is null or shown is null or jsonb_typeof(said) <> jsonb_typeof(shown) then
    return coalesce(said, 'null') = coalesce(shown, 'null');
  elsif jsonb_typeof(said) = 'object' then
    return (not whole or not exists (select from jsonb_object_keys(shown) k where not said ? k))
       and (select coalesce(bool_and(iasql.is_as_said(s.value, shown -> s.key, false)), true) from jsonb_each(said) s);
  elsif jsonb_typeof(said) = 'array' then
    return jsonb_array_length(said) = jsonb_array_length(shown)
       and (select coalesce(bool_and(iasql.is_as_said(s.value, shown -> (s.place - 1)::integer, false)), true) from jsonb_array_elements(said) with ordinality s (value, place));
  end if;
  return said = shown;
end
$$;
comment on function iasql.is_as_said is 'Whether what is found is as somebody has said; what they left open may be any way.';

create function iasql.is_partial(resource text, field text) returns boolean
language sql stable as $$
  select coalesce(col_description(a.attrelid, a.attnum) ~ '^(@[a-z_]+ )*@partial ', false)
  from   pg_attribute a where a.attrelid = to_regclass(is_partial.resource) and a.attname = is_partial.field
$$;
comment on function iasql.is_partial is 'Whether a column says a part of what the cloud has, so that only what it says is compared.';

create or replace function iasql.differs(resource text, field text, desired text, observed text) returns text
language sql stable as $$
  select case
    when ref.field is not null then
      -- the same row behind both; a parent that is about to be adopted counts as itself
      format('(%s_d%s.row_id is distinct from _o%2$s.row_id and (_o%2$s.id is null or _o%2$s.row_id is not null and exists (select from %7$s _g where _g.row_id = _o%2$s.row_id) or _o%2$s.superseded or _o%2$s.%4$I is distinct from %5$s.%6$I%8$s))',
             case when ref.is_optional then format('%s.%I is not null and ', desired, f.field) else '' end, ref.n, null, ref.parent_name, desired, f.field, ref.parent,
             case when iasql.id_instead_of_name(ref.parent) is not null then format(' and _o%s.%I is distinct from %s.%I', ref.n, iasql.id_instead_of_name(ref.parent), desired, f.field) end)
    when f.field = 'name' and iasql.id_instead_of_name(f.resource) is not null then
      format('(%s.name is distinct from %s.name and %1$s.name is distinct from %2$s.%3$I)', desired, observed, iasql.id_instead_of_name(f.resource))
    when iasql.is_partial(f.resource, f.field) then
      format('(%s.%I is not null and not iasql.is_as_said(%1$s.%2$I, %3$s.%2$I))', desired, f.field, observed)
    when f.is_required or f.is_exact then
      format('%s.%I is distinct from %s.%2$I', desired, f.field, observed)
    else
      format('(%s.%I is not null and %1$s.%2$I is distinct from %3$s.%2$I)', desired, f.field, observed)
  end
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = differs.resource and f.field = differs.field
$$;

do $$
begin
  execute replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$case when m.marks ~ '@exact ' then$word$,
    $word$case when m.marks ~ '@partial ' then 'what it leaves open is left alone' end,
             case when m.marks ~ '@exact ' then$word$);
end
$$;

-- The plan compares as whoever looks at it.
create function iasql.admit_to_what_elsewhere_added(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant execute on function iasql.is_as_said(jsonb, jsonb, boolean) to %I', tenant);
end
$$;
comment on function iasql.admit_to_what_elsewhere_added is 'Lets the tenant call what this file added.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_elsewhere_added(iasql.setting('tenant'));
  end if;
end
$$;
