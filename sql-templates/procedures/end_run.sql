-- description: Writes down how a run ended, or that it waits.
-- service: reconciler
-- mode: write

create or replace function iasql.end_run(counter bigint, id uuid, state text, applied integer, failed integer, said text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  update iasql.run r set state = end_run.state, said = end_run.said, applied = end_run.applied, failed = end_run.failed,
         ended_at = case when end_run.state <> 'waiting' then clock_timestamp() end
  where  r.id = end_run.id;
end
$$;
