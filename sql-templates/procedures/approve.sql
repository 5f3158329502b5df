-- description: Notes that a run carries out the plan with this fingerprint, and what it lets happen by that; answers nothing, or how the plan's fingerprint is by now.
-- service: reconciler
-- mode: write
-- optional: result

create or replace function iasql.approve(counter bigint, run uuid, plan text) returns text
language plpgsql as $$
declare
  now_it_is text;
begin
  perform iasql.hold(counter);
  -- a run that goes on after it waited: some of its plan is done
  if exists (select from iasql.run r where r.id = approve.run and r.plan = approve.plan) then
    return null;
  end if;
  insert into iasql.approved_step (run, id, action, observed_id, content, print)
  select approve.run, p.id, p.action, p.observed_id, p.content, p.print from iasql.plan_prints() p;
  select left(encode(sha256(convert_to(coalesce(string_agg(s.print, E'\n' order by s.print collate "C"), ''), 'UTF8')), 'hex'), 16) into now_it_is
  from   iasql.approved_step s where s.run = approve.run;
  if now_it_is <> approve.plan then
    delete from iasql.approved_step s where s.run = approve.run;
    return now_it_is;
  end if;
  update iasql.run r set plan = approve.plan where r.id = approve.run;
  -- whoever approves a plan that shows a replacement has said yes to it
  insert into iasql.allowed_replacement (row_id, resource, region, name, run, allowed_by)
  select s.row_id, s.resource, s.region, s.name, approve.run, r.asked_by
  from   iasql.step s join iasql.approved_step a on a.run = approve.run and a.id = s.id and a.action = 'replace' join iasql.run r on r.id = approve.run
  where  s.action = 'replace' and iasql.carries_data(s.resource)
  on conflict do nothing;
  return null;
end
$$;
