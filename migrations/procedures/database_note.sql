-- description: Writes a new database down before anything is made under its name. Doing it twice is doing it once.
-- service: http
-- mode: write
create or replace function control.database_note(database text, shard text, region text)
returns void
language sql as $$
  insert into control.database as d (name, shard, region)
  values (database_note.database, database_note.shard, database_note.region)
  on conflict do nothing
$$;
