-- description: Notes an engine's public key; answers for the one in use, which stays the one before where the engine does not have that.
-- service: http
-- mode: write
create or replace function control.sealing_key_note(id text, key bytea, known text[])
returns text
language plpgsql as $$
declare
  in_use text;
begin
  -- two engines that start at once note one after the other
  lock table control.sealing_key in share row exclusive mode;
  select k.id into in_use from control.sealing_key k order by k.noted_at desc limit 1;
  if in_use is null or in_use = any (known) and in_use <> sealing_key_note.id then
    insert into control.sealing_key as k (id, key) values (sealing_key_note.id, sealing_key_note.key)
    on conflict on constraint sealing_key_pkey do update set noted_at = clock_timestamp();
    return sealing_key_note.id;
  end if;
  return in_use;
end
$$;
