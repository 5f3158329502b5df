-- description: Notes that nothing of a move is left to do.
-- service: http
-- mode: write
-- callers: scheduler
create or replace function control.move_end(database text)
returns void
language sql as $$
  update control.database as d set moving = null where d.name = move_end.database
$$;
