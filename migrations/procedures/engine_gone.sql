-- description: Forgets an engine that ends: the others take its share at once.
-- service: scheduler
-- mode: write
create or replace function control.engine_gone(engine text)
returns void
language sql as $$
  delete from control.engine as e where e.name = engine_gone.engine
$$;
