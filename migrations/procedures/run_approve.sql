-- description: Asks for a run that carries out the plan with this fingerprint and no other. Asking twice before its start is asking once. No row: there is no such database, or it is not ready.
-- service: http
-- mode: write
-- callers: scheduler
-- optional: request
create or replace function control.run_approve(database text, plan text, asked_by text, request bigint default null)
returns table (run uuid)
language plpgsql as $$
begin
  -- between the two statements the run that was in the way may start: then ask anew
  for attempt in 1..8 loop
    insert into control.run as r (id, database, kind, plan, asked_by, request, look_at)
    select gen_random_uuid(), d.name, 'approved', run_approve.plan, run_approve.asked_by, run_approve.request, clock_timestamp()
    from control.database as d
    where d.name = run_approve.database and d.ready
    on conflict do nothing
    returning r.id into run;
    if run is not null then
      update control.database as d set active_at = clock_timestamp() where d.name = run_approve.database;
      return next;
      return;
    end if;

    select r.id into run
    from control.run as r
    where r.database = run_approve.database and (
      r.request = run_approve.request
      or (r.kind = 'approved' and r.plan = run_approve.plan and r.asked_by = run_approve.asked_by and r.state = 'queued' and r.counter is null)
    )
    order by r.request = run_approve.request desc nulls last
    limit 1;
    if run is not null then
      return next;
      return;
    end if;

    if not exists (select from control.database as d where d.name = run_approve.database and d.ready) then
      return;
    end if;
  end loop;
  raise exception 'a run of % could not be queued: the same one was asked for and started eight times meanwhile', run_approve.database
    using errcode = 'serialization_failure';
end
$$;
