-- description: Ends, as lost, what earlier holders of the lease left running, where nobody begins another run.
-- service: reconciler
-- mode: write

create or replace function iasql.lose_runs(counter bigint) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  update iasql.run r set state = 'lost', ended_at = clock_timestamp(), said = 'the engine that ran it is gone'
  where  r.state = 'running' and r.counter < lose_runs.counter;
  update iasql.change c set state = 'unanswered' from iasql.run r where r.id = c.run and c.state = 'intent' and r.counter < lose_runs.counter;
end
$$;
