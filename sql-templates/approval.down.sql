-- Plans have no fingerprints, and nobody approves one.

drop function iasql.admit_to_what_approval_added(text);
drop trigger an_approval_ends_with_its_run on iasql.run;
drop function iasql.end_approval();
drop function iasql.review();
alter function iasql.review_of_steps() rename to review;
comment on function iasql.review is 'The plan as Markdown, for a review: what changes and why, and below it what is replaced, deleted or in the way.';
drop procedure iasql.apply(text);
drop procedure iasql.runs_only_outside_a_transaction_block(text, text);

create or replace function iasql.ask(kind text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  if ask.kind in ('refresh', 'plan', 'apply', 'check', 'import') is not true then
    raise exception 'there is no run of the kind %', left(ask.kind, 40)
      using errcode = 'invalid_parameter_value', hint = 'There are: refresh, plan, apply, check, import.';
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
drop function iasql.ask(text, text);
drop function iasql.plan_fingerprint();
drop function iasql.plan_prints();
drop function iasql.contents(text, uuid[]);
drop table iasql.approved_step;

-- what was done stays known, by the kind that is nearest to it
update iasql.request r set said = 'this version knows no approved plans' where r.kind = 'approved' and r.run is null and r.said is null;
alter table iasql.request drop column plan;
comment on column iasql.request.kind is 'refresh, plan, apply, check or import.';
update iasql.run r set kind = 'apply' where r.kind = 'approved';
alter table iasql.run drop column plan;
alter table iasql.run drop constraint a_run_is_one_of_six_kinds;
alter table iasql.run add constraint a_run_is_one_of_five_kinds check (kind in ('refresh', 'plan', 'apply', 'check', 'import'));
comment on column iasql.run.kind is 'refresh, plan, apply, check or import.';
