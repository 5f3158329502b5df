-- description: Writes down that a run begins or goes on; answers for how many seconds it has been going, and how many changes it has made.
-- service: reconciler
-- mode: write

create or replace function iasql.begin_run(counter bigint, id uuid, kind text, asked_by text) returns table (going_for double precision, applied integer)
language plpgsql as $$
#variable_conflict use_column
begin
  perform iasql.hold(counter);
  -- whatever an engine that is no more left running is lost: this lease is the newest
  update iasql.run r set state = 'lost', ended_at = clock_timestamp(), said = 'the engine that ran it is gone'
  where  r.state = 'running' and r.counter < begin_run.counter and r.id <> begin_run.id;
  update iasql.change c set state = 'unanswered', lost = true from iasql.run r where r.id = c.run and c.state = 'intent' and r.counter < begin_run.counter;
  -- a list that nobody asks for any more is no longer blind
  delete from iasql.listing l where not exists (select from iasql.listings() x where x.resource = l.resource and x.region = l.region);
  return query
  insert into iasql.run as r (id, kind, asked_by, counter) values (begin_run.id, begin_run.kind, begin_run.asked_by, begin_run.counter)
  on conflict on constraint run_pkey do update set state = 'running', ended_at = null, counter = excluded.counter
  returning extract(epoch from clock_timestamp() - r.started_at)::double precision, r.applied;
end
$$;
