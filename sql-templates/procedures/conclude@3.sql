-- description: Writes down how a change ended.
-- service: reconciler
-- mode: write
-- optional: error

create or replace function iasql.conclude(counter bigint, change bigint, state text, error text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  update iasql.change c set state = conclude.state, error = conclude.error, ended_at = clock_timestamp(), lost = c.lost or conclude.state = 'unanswered' where c.id = conclude.change;
  -- what was left unanswered before is answered by this
  update iasql.change u set state = 'failed', ended_at = clock_timestamp(), error = 'its answer was lost; a later attempt settled it'
  from   iasql.change c
  where  c.id = conclude.change and u.id < c.id and u.row_id = c.row_id and u.resource = c.resource and u.state in ('intent', 'unanswered') and conclude.state in ('done', 'failed');
end
$$;
