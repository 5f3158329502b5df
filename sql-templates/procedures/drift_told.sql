-- description: Notes that drift has been taken up for webhooks, or that nobody wants to hear of it.
-- service: reconciler
-- mode: write

create or replace function iasql.drift_told(ids bigint[]) returns void
language sql as $$
  update iasql.drifted d set told_at = clock_timestamp() where d.id = any (ids)
$$;
