-- description: Answers whoever waits for a run that did not get as far as to tell its end here itself.
-- service: reconciler
-- mode: write

create or replace function iasql.answer_run(run uuid, said text) returns void
language sql as $$
  update iasql.request r set said = answer_run.said where r.run = answer_run.run and r.said is null
$$;
