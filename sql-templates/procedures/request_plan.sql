-- description: The fingerprint of the plan that a request approves, where it approves one.
-- service: scheduler
-- mode: read
-- optional: result

create or replace function iasql.request_plan(id bigint) returns text
language sql stable as $$
  select r.plan from iasql.request r where r.id = request_plan.id
$$;
