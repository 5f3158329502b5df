-- description: The last plan that was noted, digested, and up to where everything that was done is accounted for by a plan that is read next.
-- service: reconciler
-- mode: read
-- optional: digest

create or replace function iasql.noted() returns table (digest text, moment jsonb)
language sql stable as $$
  select (select n.digest from iasql.noted n),
         jsonb_build_object('looked_at', clock_timestamp(), 'snapshot', pg_current_snapshot()::text,
           'last_transaction', coalesce((select max(t.id) from iasql.transaction t), 0), 'last_change', coalesce((select max(c.id) from iasql.change c), 0),
           'last_observed', coalesce(pg_sequence_last_value('iasql.observed_id'), 0))
$$;
