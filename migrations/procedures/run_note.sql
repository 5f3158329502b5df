-- description: Writes down a run that whoever asks does at once: no queue knows it. No row: there is no such database, or it is not ready.
-- service: http
-- mode: write
create or replace function control.run_note(database text, kind text, asked_by text)
returns table (run uuid)
language sql as $$
  -- counter 0: it stands in no queue, so nobody else's request may become this one
  insert into control.run as r (id, database, kind, asked_by, counter)
  select gen_random_uuid(), d.name, run_note.kind, run_note.asked_by, 0
  from control.database as d
  where d.name = run_note.database and d.ready
  returning r.id
$$;
