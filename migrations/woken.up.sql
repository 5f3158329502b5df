-- What a run waits for may say that it is there. Then the run is looked at at once, also where that is said while it is being looked at, too early to see it.

alter table control.run add column woken_at timestamptz;
comment on column control.run.woken_at is 'When it was said last that it is worth a look, since it began to be looked at. Null: nobody said so.';

create function control.heed_waking() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.state = 'running' and old.state <> 'running' then
    new.woken_at := null;
  end if;
  if new.look_at is not null and new.woken_at is not null then
    new.look_at := least(new.look_at, clock_timestamp());
  end if;
  return new;
end
$$;
comment on function control.heed_waking() is 'Has a run that was woken looked at at once, whatever pause whoever looks at it now makes.';
revoke all on function control.heed_waking() from public;

create trigger a_woken_run_does_not_wait before update of state, look_at on control.run
  for each row execute function control.heed_waking();
comment on trigger a_woken_run_does_not_wait on control.run is 'Waking counts until the run is looked at again.';
