-- description: Takes one of so many turns at making something on a server, until the transaction ends. False: all are taken.
-- service: http
-- mode: write
create or replace function control.setup_turn(shard text, at_once integer)
returns boolean
language plpgsql as $$
begin
  -- nobody but our services comes into this database, so nobody else can take these locks
  for turn in 1..setup_turn.at_once loop
    if pg_try_advisory_xact_lock(hashtext(setup_turn.shard), turn) then
      return true;
    end if;
  end loop;
  return false;
end
$$;
