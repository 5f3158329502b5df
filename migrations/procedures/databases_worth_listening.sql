-- description: Lists the databases that can be listened to: those that wait for commits first, then the lately active ones.
-- service: scheduler
-- mode: read
create or replace function control.databases_worth_listening()
returns setof text
language sql stable as $$
  select d.name
  from control.database as d
  where d.ready
  order by d.mode = 'on_commit' desc, d.active_at desc, d.name
$$;
