-- description: Answers a request that no run will: says why.
-- service: scheduler
-- mode: write

create or replace function iasql.answer_request(id bigint, said text) returns void
language sql as $$
  update iasql.request r set said = answer_request.said where r.id = answer_request.id
$$;
