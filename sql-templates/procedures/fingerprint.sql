-- description: The fingerprint of the plan as it stands.
-- service: reconciler
-- mode: read

create or replace function iasql.fingerprint() returns text
language sql stable as $$
  select iasql.plan_fingerprint()
$$;
