-- Nothing is imported any more.

drop function iasql.skeleton(text);
drop function iasql.take_back(iasql.imported[]);
drop type iasql.imported;
drop function iasql.import_thing(text, bigint, jsonb, jsonb, text[]);
drop function iasql.write_row(text, jsonb);
drop function iasql.importable(text);
drop function iasql.unfolded(iasql.part);
drop function iasql.unknown_things();
drop procedure iasql.import();

update iasql.setting s set value = 'show' where s.name = 'unknown_resources' and s.value = 'adopt';
alter table iasql.setting drop constraint unknown_resources_are_shown_deleted_or_adopted;
alter table iasql.setting add constraint unknown_resources_are_shown_or_deleted check (name <> 'unknown_resources' or value in ('show', 'delete'));

-- what was done stays known, by the kind that is nearest to it
update iasql.run r set kind = 'refresh' where r.kind = 'import';
alter table iasql.run drop constraint a_run_is_one_of_five_kinds;
alter table iasql.run add constraint a_run_is_one_of_four_kinds check (kind in ('refresh', 'plan', 'apply', 'check'));
comment on column iasql.run.kind is 'refresh, plan, apply or check.';
comment on column iasql.request.kind is 'refresh, plan, apply or check.';

create or replace function iasql.ask(kind text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  if ask.kind in ('refresh', 'plan', 'apply', 'check') is not true then
    raise exception 'there is no run of the kind %', left(ask.kind, 40)
      using errcode = 'invalid_parameter_value', hint = 'There are: refresh, plan, apply, check.';
  end if;
  -- what nobody has taken yet begins after this, and serves whoever asks meanwhile
  select min(r.id) into asked from iasql.request r
  where  r.kind = ask.kind and r.asked_by = session_user and r.run is null and r.said is null;
  if asked is null then
    insert into iasql.request (kind, asked_by) values (ask.kind, session_user) returning id into asked;
  end if;
  perform pg_notify('iasql_request', '');
  return asked;
end
$$;
