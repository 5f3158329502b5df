-- description: Lists the newest notes.
-- service: api
-- mode: read

create or replace function skeleton.list_notes(most integer) returns table (id bigint, body text, made_at timestamptz)
language sql stable as $$
  select n.id, n.body, n.made_at from skeleton.note n order by n.id desc limit most
$$;
