-- description: Writes down a run that carries out the plan with this fingerprint, and that whoever asks does at once: no queue knows it. No row: there is no such database, or it is not ready.
-- service: http
-- mode: write
create or replace function control.run_note_approval(database text, plan text, asked_by text)
returns table (run uuid)
language sql as $$
  -- counter 0: it stands in no queue, so nobody else's request may become this one
  insert into control.run as r (id, database, kind, plan, asked_by, counter)
  select gen_random_uuid(), d.name, 'approved', run_note_approval.plan, run_note_approval.asked_by, 0
  from control.database as d
  where d.name = run_note_approval.database and d.ready
  returning r.id
$$;
