-- description: The steps of the plan that was approved for a run.
-- service: reconciler
-- mode: read
-- optional: observed_id, content

create or replace function iasql.approved(run uuid) returns table (id text, action text, observed_id bigint, content text)
language sql stable as $$
  select a.id, a.action, a.observed_id, a.content from iasql.approved_step a where a.run = approved.run
$$;
