-- description: Drift that was found and not taken up for webhooks yet, oldest first.
-- service: reconciler
-- mode: read
-- optional: region, changed

create or replace function iasql.untold_drift("limit" integer) returns table (id bigint, resource text, region text, name text, what text, changed jsonb, first_seen_at timestamptz)
language sql stable as $$
  select d.id, d.resource, d.region, d.name, d.what, d.changed, d.first_seen_at from iasql.drifted d where d.told_at is null order by d.id limit "limit"
$$;
