-- Every region is spelt as AWS spells them, and every value is compared whole.

do $$
begin
  execute replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$case when m.marks ~ '@partial ' then 'what it leaves open is left alone' end,
             case when m.marks ~ '@exact ' then$word$,
    $word$case when m.marks ~ '@exact ' then$word$);
end
$$;

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
    when f.is_required or f.is_exact then
      format('%s.%I is distinct from %s.%2$I', desired, f.field, observed)
    else
      format('(%s.%I is not null and %1$s.%2$I is distinct from %3$s.%2$I)', desired, f.field, observed)
  end
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = differs.resource and f.field = differs.field
$$;

create or replace function iasql.make_checks(resource text) returns void
language plpgsql as $$
begin
  if exists (select from iasql.field f where f.resource = make_checks.resource and f.is_region) then
    execute format('alter table %s add constraint a_region_is_spelt_like_us_east_1 check (iasql.is_region(region))', resource);
  end if;
  if exists (select from iasql.field f where f.resource = make_checks.resource and f.field = 'name' and f.is_key) then
    execute format('alter table %s add constraint a_name_is_not_blank_and_has_no_control_characters check (name ~ ''\S'' and name !~ ''[[:cntrl:]]'')', resource);
  end if;
end
$$;

drop function iasql.admit_to_what_elsewhere_added(text);
drop function iasql.is_partial(text, text);
drop function iasql.is_as_said(jsonb, jsonb, boolean);
