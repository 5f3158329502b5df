-- description: The fingerprint of the plan that a run carries out, where it is to be one and no other.
-- service: reconciler
-- mode: write
-- optional: result
create or replace function control.run_plan(run uuid)
returns text
language sql stable as $$
  select r.plan from control.run as r where r.id = run_plan.run
$$;
