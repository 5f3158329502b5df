-- As version 1 admits a tenant; the rights go with what they are about.

create or replace function iasql.admit(tenant text) returns void
language plpgsql as $$
begin
  update iasql.setting s set value = tenant where s.name = 'tenant';
  execute format('grant usage on schema iasql, observed to %I', tenant);
  execute format('grant select on all tables in schema iasql, observed to %I', tenant);
  execute format('grant execute on function iasql.setting(text), iasql.default_region(), iasql.is_region(text), iasql.are_tags(jsonb), iasql.diff(), iasql.relation(text), iasql.difference(), iasql.dragged(uuid[]), iasql.referrers(uuid[]), iasql.holders(bigint[]), iasql.ask(text), iasql.told(iasql.change), iasql.set(text, text), iasql.help(text) to %I', tenant);
  execute format('grant execute on procedure iasql.check(), iasql.refresh(), iasql.apply(), iasql.runs_only_outside_a_transaction_block(text) to %I', tenant);
  execute format('alter default privileges in schema iasql, observed grant select on tables to %I', tenant);
end
$$;

drop function iasql.admit_to_what_version_3_added(text);
drop function iasql.admit_to(text);

-- what version 1 had, and nobody might call then
do $$
begin
  if iasql.setting('tenant') is not null then
    execute format('revoke execute on function iasql.equal(text, text[], text, text[]), iasql.key_value(iasql.field, iasql.arm_reference, text, boolean), iasql.name_of(text, text, boolean) from %I', iasql.setting('tenant'));
  end if;
end
$$;
