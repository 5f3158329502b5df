-- What the tenant's login may call of what this version added: for a new database, and for one that has its tenant already.

create function iasql.admit_to(module text) returns void
language plpgsql as $$
declare
  shown regclass;
begin
  if iasql.setting('tenant') is not null and to_regnamespace(module) is not null then
    execute format('grant usage on schema %I to %I', module, iasql.setting('tenant'));
    execute format('grant execute on all functions in schema %1$I to %2$I', module, iasql.setting('tenant'));
    for shown in select c.oid::regclass from pg_class c where c.relnamespace = to_regnamespace(module) and c.relkind = 'v' loop
      execute format('grant select, insert, update, delete on %s to %I', shown, iasql.setting('tenant'));
    end loop;
  end if;
end
$$;
comment on function iasql.admit_to is 'Lets the tenant call the functions and use the views of a module; for one with tables that comes with each of them.';

create function iasql.admit_to_what_version_3_added(tenant text) returns void
language plpgsql as $$
begin
  -- a policy is spelt as whoever writes the row
  execute format('grant execute on function iasql.canonical_list(jsonb), iasql.canonical_principal(jsonb), iasql.canonical_condition(jsonb), iasql.canonical_statement(jsonb), iasql.canonical_policy(jsonb) to %I', tenant);
  execute format('grant execute on procedure iasql.import() to %I', tenant);
  -- the names of things in statements and in reviews are put together as whoever asks
  execute format('grant execute on function iasql.sql_since(timestamptz), iasql.sql_for_run(uuid), iasql.sql_of_transaction(), iasql.sql_of(timestamptz, uuid[]), iasql.rows_since(text, timestamptz, uuid[]), iasql.list_rows_since(text, timestamptz, uuid[]), iasql.update_of(text, jsonb, jsonb, jsonb), iasql.where_of(text, jsonb, jsonb), iasql.insert_of(text, jsonb, text[]), iasql.literals(text, text, boolean), iasql.name_of(text, text, boolean), iasql.key_value(iasql.field, iasql.arm_reference, text, boolean), iasql.id_instead_of_name(text), iasql.equal(text, text[], text, text[]), iasql.review(), iasql.in_markdown(text) to %I', tenant);
  -- a module without tables lets in by itself; in a copy of the template it is done again for whose copy it is
  perform iasql.admit_to(m.name)
  from iasql.module m
  where not exists (select from pg_class c where c.relnamespace = to_regnamespace(quote_ident(m.name)) and c.relkind = 'r');
end
$$;
comment on function iasql.admit_to_what_version_3_added is 'Lets the tenant call what version 3 added.';

create or replace function iasql.admit(tenant text) returns void
language plpgsql as $$
declare
  added text;
begin
  update iasql.setting s set value = tenant where s.name = 'tenant';
  execute format('grant usage on schema iasql, observed to %I', tenant);
  execute format('grant select on all tables in schema iasql, observed to %I', tenant);
  execute format('grant execute on function iasql.setting(text), iasql.default_region(), iasql.is_region(text), iasql.are_tags(jsonb), iasql.diff(), iasql.relation(text), iasql.difference(), iasql.dragged(uuid[]), iasql.referrers(uuid[]), iasql.holders(bigint[]), iasql.ask(text), iasql.told(iasql.change), iasql.set(text, text), iasql.help(text) to %I', tenant);
  execute format('grant execute on procedure iasql.check(), iasql.refresh(), iasql.apply(), iasql.runs_only_outside_a_transaction_block(text) to %I', tenant);
  -- what a file of a version adds has a function of its own
  for added in select p.proname from pg_proc p where p.pronamespace = 'iasql'::regnamespace and p.proname ~ '^admit_to_what_[a-z0-9_]+_added$' order by p.proname loop
    execute format('select iasql.%I($1)', added) using tenant;
  end loop;
  perform iasql.admit_to_history(tenant);
  execute format('alter default privileges in schema iasql, observed grant select on tables to %I', tenant);
end
$$;

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_version_3_added(iasql.setting('tenant'));
  end if;
end
$$;
