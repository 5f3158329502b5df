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
  -- where nothing is left to do, whatever was asked and never answered is done, or was not needed
  update iasql.change c set state = 'done', ended_at = clock_timestamp(), error = 'its answer was lost; nothing of it is left to do'
  where  end_run.state = 'done' and c.state = 'unanswered'
  and    exists (select from iasql.run r where r.id = end_run.id and r.kind in ('check', 'apply'))
  and    not exists (select from iasql.listing l where l.resource = c.resource and l.blind is not null);
end
$$;
