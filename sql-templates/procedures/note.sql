-- description: Notes a plan that was read after a moment: what nothing explains is drift. Without steps it is the plan that was noted last.
-- service: reconciler
-- mode: write
-- optional: steps

create or replace function iasql.note(counter bigint, run uuid, moment jsonb, digest text, steps jsonb) returns bigint
language plpgsql as $$
declare
  is_first boolean := not exists (select from iasql.noted);
  newest   bigint  := coalesce((select max(d.id) from iasql.drifted d), 0);
  found    bigint  := 0;
begin
  perform iasql.hold(counter);
  if steps is not null then
    -- whatever differs when it is looked at for the first time may have done so for years; and a new version compares otherwise
    if not is_first and not exists (select from schema_versions.installed i, iasql.noted n where i.upgraded_at > n.looked_at) then
      insert into iasql.drifted (resource, region, name, row_id, observed_id, what, changed, run)
      select u.resource, u.region, u.name, u.row_id, u.observed_id, u.what, u.changed, note.run from iasql.unexplained(steps) u;
      get diagnostics found = row_count;
    end if;
    perform iasql.end_drift(steps);
    delete from iasql.noted_step;
    insert into iasql.noted_step (resource, row_id, field)
    select s.resource, s.row_id, c.key
    from   iasql.steps_told(steps) s left join lateral jsonb_each(s.changed) c on s.action = 'update'
    where  s.row_id is not null and (s.action <> 'update' or c.key is not null);
    insert into iasql.noted_listing (resource, region) select l.resource, l.region from iasql.listing l where l.listed_at is not null on conflict do nothing;
    perform iasql.tell_drift(newest);
  end if;
  delete from iasql.noted;
  insert into iasql.noted select * from jsonb_populate_record(null::iasql.noted, moment || jsonb_build_object('digest', digest));
  return found;
end
$$;
