-- description: Serves a database no longer. Its files are kept for a while.
-- service: reconciler
-- mode: write
create or replace function control.served_remove(id uuid) returns void
language sql as $$
  update control.served as s set gone_at = clock_timestamp() where s.id = served_remove.id and s.gone_at is null
$$;
