-- A plan has a fingerprint, by which it is approved: what is carried out then is that plan, or nothing.

alter table iasql.run drop constraint a_run_is_one_of_five_kinds;
alter table iasql.run add constraint a_run_is_one_of_six_kinds check (kind in ('refresh', 'plan', 'apply', 'check', 'import', 'approved'));
alter table iasql.run add column plan text;
comment on column iasql.run.kind is 'refresh, plan, apply, check, import or approved (apply one plan and no other).';
comment on column iasql.run.plan is 'The fingerprint of the plan that was approved, where one was and still is the plan.';
alter table iasql.request add column plan text;
comment on column iasql.request.kind is 'refresh, plan, apply, check, import or approved (apply one plan and no other).';
comment on column iasql.request.plan is 'The fingerprint of the plan that is approved by this.';

create table iasql.approved_step (
  run         uuid   not null references iasql.run (id) on delete cascade,
  id          text   not null,
  action      text   not null,
  observed_id bigint,
  content     text,
  print       text   not null,
  primary key (run, id)
);
comment on table iasql.approved_step is 'The steps of the plans that were approved: a run that goes on after it waited carries out no others.';
comment on column iasql.approved_step.run is 'The run that carries them out.';
comment on column iasql.approved_step.id is 'The step, as in iasql.step.';
comment on column iasql.approved_step.action is 'What is to happen.';
comment on column iasql.approved_step.observed_id is 'The observed thing that it is about, where there is one.';
comment on column iasql.approved_step.content is 'A hash of the desired row as it was then.';
comment on column iasql.approved_step.print is 'All of the step that the fingerprint covers.';

-- What the cloud fills in says nothing of what is wanted; a secret is there by its version.
create function iasql.contents(type text, row_ids uuid[]) returns table (row_id uuid, content text)
language plpgsql stable as $$
declare
  hidden text[] := array(select f.field from iasql.field f where f.resource = contents.type and (f.is_cloud or f.is_secret));
  lists  text   := coalesce((select string_agg(format(' || coalesce((select jsonb_agg(_l.item order by _l.item::text collate "C")::text from (select to_jsonb(_p.*) - %L::text[] from %s _p where %s) _l (item)), '''')',
                      array(select f.field from iasql.field f where f.resource = p.part and f.is_secret), p.part, iasql.equal('_d', p.owner_fields, '_p', p.own_fields)), '' order by p.part)
                    from iasql.part p where p.resource = contents.type), '');
begin
  return query execute format('select _d.row_id, encode(sha256(convert_to((to_jsonb(_d.*) - %L::text[])::text%s, ''UTF8'')), ''hex'') from %s _d where _d.row_id = any ($1)',
    hidden, lists, (select r.name from iasql.resource r where r.name = contents.type)) using contents.row_ids;
end
$$;
comment on function iasql.contents is 'Hashes of desired rows with their lists: another one wherever something else is wanted.';

-- What the cloud is busy with, and what is nobody's, is no part of what somebody approves.
create function iasql.plan_prints() returns table (id text, action text, observed_id bigint, content text, print text)
language sql stable as $$
  with step as materialized (
    select * from iasql.step s where s.action not in ('wait', 'unmanaged')
  ), content as (
    select c.row_id, c.content
    from   (select s.resource, array_agg(s.row_id) as row_ids from step s where s.row_id is not null group by s.resource) g
    cross  join lateral iasql.contents(g.resource, g.row_ids) c
  )
  select s.id, s.action, s.observed_id, c.content,
         jsonb_build_array(s.id, s.resource, s.region, s.key, s.action, s.changed, s.blocked, s.observed_id, c.content)::text
  from   step s left join content c on c.row_id = s.row_id
$$;
comment on function iasql.plan_prints is 'All that the plan''s fingerprint covers, step by step.';

create function iasql.plan_fingerprint() returns text
language sql stable as $$
  select left(encode(sha256(convert_to(coalesce(string_agg(p.print, E'\n' order by p.print collate "C"), ''), 'UTF8')), 'hex'), 16) from iasql.plan_prints() p
$$;
comment on function iasql.plan_fingerprint is 'The fingerprint of the plan as it stands: the same as long as the same would be done, another one where anything differs. For CALL iasql.apply(fingerprint).';

create function iasql.ask(kind text, plan text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  if ask.kind in ('refresh', 'plan', 'apply', 'check', 'import', 'approved') is not true then
    raise exception 'there is no run of the kind %', left(ask.kind, 40)
      using errcode = 'invalid_parameter_value', hint = 'There are: refresh, plan, apply, check, import, approved.';
  elsif ask.kind = 'approved' and coalesce(ask.plan !~ '^[0-9a-f]{16}$', true) then
    raise exception '% is no fingerprint of a plan', coalesce(left(ask.plan, 40), 'NULL')
      using errcode = 'invalid_parameter_value', hint = 'select iasql.plan_fingerprint() says it.';
  end if;
  -- what nobody has taken yet begins after this, and serves whoever asks meanwhile
  select min(r.id) into asked from iasql.request r
  where  r.kind = ask.kind and r.asked_by = session_user and r.run is null and r.said is null and (ask.kind <> 'approved' or r.plan = ask.plan);
  if asked is null then
    insert into iasql.request (kind, asked_by, plan) values (ask.kind, session_user, case when ask.kind = 'approved' then ask.plan end) returning id into asked;
  end if;
  perform pg_notify('iasql_request', '');
  return asked;
end
$$;
comment on function iasql.ask(text, text) is 'The same, with the fingerprint of the plan that is approved by it.';

create or replace function iasql.ask(kind text) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select iasql.ask(ask.kind, null::text)
$$;

create procedure iasql.runs_only_outside_a_transaction_block(kind text, plan text)
language plpgsql as $$
declare
  asked   bigint;
  since   timestamptz;
  asking  iasql.request;
  running iasql.run;
  told    bigint[] := '{}';
  change  iasql.change;
begin
  commit;
  asked := iasql.ask(kind, plan);
  commit;
  since := pg_catalog.clock_timestamp();
  loop
    select * into asking from iasql.request r where r.id = asked;
    select * into running from iasql.run r where r.id = asking.run;
    for change in select * from iasql.change c where c.run = asking.run and c.state <> 'intent' and not c.id = any (told) order by c.ended_at loop
      told := told || change.id;
      raise notice '%', iasql.told(change);
    end loop;
    exit when asking.said is not null or running.state in ('done', 'failed', 'refused', 'lost');
    if asking.run is null and pg_catalog.clock_timestamp() > since + interval '20 seconds' then
      raise exception 'no engine has taken the request for 20 seconds' using hint = 'Is one running? Start it with: iasql serve';
    end if;
    commit;
    perform pg_catalog.pg_sleep(0.05);
  end loop;
  if asking.said is not null or running.state in ('refused', 'lost') then
    raise exception '%', coalesce(asking.said, running.said, running.state);
  elsif running.state = 'failed' then
    raise warning '%', coalesce(running.said, 'some steps failed');
  else
    raise notice '%', coalesce(running.said, 'done');
  end if;
end
$$;
comment on procedure iasql.runs_only_outside_a_transaction_block(text, text) is 'The same, with the fingerprint of the plan that is approved by it.';

create procedure iasql.apply(plan text) language plpgsql as $$ begin call iasql.runs_only_outside_a_transaction_block('approved', plan); end $$;
comment on procedure iasql.apply(text) is 'Reads the cloud again and carries out the plan with this fingerprint (select iasql.plan_fingerprint()); refuses where the plan is another one by now.';

alter function iasql.review() rename to review_of_steps;
create function iasql.review() returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select iasql.review_of_steps()
  union all
  select unnest(array['', format('This is the plan `%s`: `iasql apply --plan %1$s` carries out this one and no other.', iasql.plan_fingerprint())])
  where  exists (select from iasql.step s where s.action not in ('wait', 'unmanaged'))
$$;
comment on function iasql.review is 'The plan as Markdown, for a review: what changes and why, below it what is replaced, deleted or in the way, and the fingerprint to approve it by.';
comment on function iasql.review_of_steps is 'The same without the fingerprint.';

-- A yes that came with an approved plan is for that run alone.
create function iasql.end_approval() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from iasql.allowed_replacement a where a.run = new.id;
  return null;
end
$$;
comment on function iasql.end_approval is 'Forgets what was allowed for a run that has ended.';
create trigger an_approval_ends_with_its_run after update of ended_at on iasql.run for each row
  when (new.ended_at is not null and new.plan is not null) execute function iasql.end_approval();

create function iasql.admit_to_what_approval_added(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant execute on function iasql.plan_fingerprint(), iasql.plan_prints(), iasql.contents(text, uuid[]), iasql.review(), iasql.review_of_steps(), iasql.ask(text, text) to %I', tenant);
  execute format('grant execute on procedure iasql.apply(text), iasql.runs_only_outside_a_transaction_block(text, text) to %I', tenant);
end
$$;
comment on function iasql.admit_to_what_approval_added is 'Lets the tenant approve plans.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_approval_added(iasql.setting('tenant'));
  end if;
end
$$;
select iasql.close_types();
