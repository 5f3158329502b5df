-- description: Forgets a server that holds no database; answers for how many it still holds. Null: there is none of that name.
-- service: http
-- mode: write
-- optional: result
create or replace function control.shard_remove(shard text)
returns bigint
language plpgsql as $$
declare
  held bigint;
begin
  perform from control.shard as s where s.name = shard_remove.shard for update;
  if not found then
    return null;
  end if;
  select count(*) into held from control.database as d where shard_remove.shard in (d.shard, d.moving);
  if held = 0 then
    delete from control.shard as s where s.name = shard_remove.shard;
  end if;
  return held;
end
$$;
