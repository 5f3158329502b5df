-- description: Adds a note; answers its id.
-- service: api
-- mode: write

create or replace function skeleton.add_note(body text) returns bigint
language sql as $$
  insert into skeleton.note (body) values (add_note.body) returning id
$$;
