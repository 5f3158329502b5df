-- description: Notes that an engine is there, forgets those that have been silent for so many seconds, and lists those that are left.
-- service: scheduler
-- mode: write
create or replace function control.engine_beat(engine text, seconds double precision)
returns setof text
language plpgsql as $$
begin
  insert into control.engine as e (name) values (engine_beat.engine)
  on conflict (name) do update set seen_at = clock_timestamp();
  -- not one that another engine is forgetting at this moment
  delete from control.engine as e where e.name in (
    select o.name from control.engine as o
    where o.seen_at < clock_timestamp() - make_interval(secs => engine_beat.seconds)
    for update skip locked
  );
  return query
    select e.name from control.engine as e
    where e.seen_at >= clock_timestamp() - make_interval(secs => engine_beat.seconds)
    order by e.name;
end
$$;
