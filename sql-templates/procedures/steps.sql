-- description: Every step of the plan as it stands, with the ids that it is ordered by.
-- service: reconciler
-- mode: read
-- optional: region, changed, reason, row_id, observed_id

create or replace function iasql.steps()
returns table (
  id text, resource text, region text, key jsonb, name text, action text, changed jsonb, reason text, blocked boolean,
  row_id uuid, observed_id bigint, wants uuid[], holds bigint[], goes_with bigint[], creates_first boolean)
language sql stable as $$
  select s.id, s.resource, s.region, s.key, s.name, s.action, s.changed, s.reason, s.blocked,
         s.row_id, s.observed_id, s.wants, s.holds, s.goes_with, s.creates_first
  from   iasql.step s
  order  by s.resource, s.region, s.name
$$;
