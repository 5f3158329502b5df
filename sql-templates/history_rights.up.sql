-- What the tenant's login may call of the history and the way back: it looks and writes with its own rights.

create function iasql.admit_to_history(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant execute on function iasql.because(text), iasql.as_of(anyelement, timestamptz), iasql.as_of(text, timestamptz), iasql.state_at(text), iasql.mark_of(text, text), iasql.defaults_of(text) to %I', tenant);
  execute format('grant execute on function iasql.revert_diff(timestamptz), iasql.columns_of(text, boolean, boolean), iasql.strayed_of(text, timestamptz), iasql.written_since(timestamptz), iasql.lost_secrets(iasql.strayed), iasql.lost_columns(iasql.strayed), iasql.astray(iasql.strayed), iasql.name_of_row(text, jsonb) to %I', tenant);
  execute format('grant execute on function iasql.write_back(iasql.strayed, text[]), iasql.try_back(iasql.strayed), iasql.step_aside(iasql.strayed), iasql.round_back(timestamptz, boolean) to %I', tenant);
  execute format('grant execute on procedure iasql.revert_to(timestamptz, boolean) to %I', tenant);
end
$$;
comment on function iasql.admit_to_history is 'Lets the tenant call what is about the past.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_history(iasql.setting('tenant'));
  end if;
end
$$;

select iasql.comment_columns();
select iasql.close_types();
