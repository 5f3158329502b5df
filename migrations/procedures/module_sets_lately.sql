-- description: Lists the sets of modules that were asked for within so many seconds, the latest first, a few at most. Forgets older ones.
-- service: scheduler
-- mode: write
create or replace function control.module_sets_lately(seconds double precision, at_most integer)
returns table (modules text[])
language sql as $$
  delete from control.module_set as m where m.asked_at < clock_timestamp() - make_interval(secs => module_sets_lately.seconds);
  select m.modules from control.module_set as m order by m.asked_at desc, m.modules limit module_sets_lately.at_most
$$;
