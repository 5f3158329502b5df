-- description: Has secrets sealed to this key from now on; the first one seals what stands in plain. Answers for the key in use, which stays the one before where that is not known.
-- service: reconciler
-- mode: write

create or replace function iasql.lay_key(id text, key bytea, known text[]) returns text
language plpgsql as $$
declare
  in_use text;
begin
  -- two engines lay one after the other; whoever writes a secret meanwhile has the key before
  lock table iasql.sealing_key in share row exclusive mode;
  select k.id into in_use from iasql.sealing_key k order by k.since desc limit 1;
  if in_use is null or in_use = any (known) and in_use <> lay_key.id then
    insert into iasql.sealing_key as k (id, key) values (lay_key.id, lay_key.key)
    on conflict on constraint sealing_key_pkey do update set since = clock_timestamp();
    if in_use is null then
      perform iasql.seal_all(f.resource, f.field) from iasql.field f where f.is_secret;
    end if;
    return lay_key.id;
  end if;
  return in_use;
end
$$;
