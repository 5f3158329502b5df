-- description: Makes rows of what is in the cloud and in no row; answers what came of each thing, with the reason why it was left.
-- service: reconciler
-- mode: write
-- optional: said

create or replace function iasql.adopt_unknown(counter bigint) returns table (resource text, name text, is_left boolean, said text)
language plpgsql as $$
declare
  things    bigint[];
  type      record;
  thing     record;
  why       text;
  done      iasql.imported[] := '{}';
  remaining iasql.imported[];
  taken     iasql.imported[];
  before    integer;
  -- what may be left out of a row is left out when all else is done
  lenient   boolean := false;
begin
  perform iasql.hold(counter);
  perform set_config('iasql.because', 'imported by run ' || coalesce((select r.id::text from iasql.run r where r.counter = adopt_unknown.counter and r.state = 'running' order by r.started_at desc limit 1), '?'), true);
  things := iasql.unknown_things();
  loop
    before := cardinality(done);
    remaining := '{}';
    for type in select r.name from iasql.resource r where r.part_of is null order by r.position loop
      for thing in execute iasql.importable(type.name) using things loop
        why := case
          when thing.owner is not null then 'it belongs to ' || split_part(thing.owner, '/', 1)
          when thing.pending is not null then 'it is ' || thing.pending
          when exists (select from jsonb_array_elements(thing.lists) l where l.value -> 'lacks' <> '[]') then
            'it refers to what was not imported: ' || (select string_agg(x.value, ', ') from jsonb_array_elements(thing.lists) l, jsonb_array_elements_text(l.value -> 'lacks') x)
          when thing.lacks <> '{}' or thing.wants <> '{}' and not lenient then 'it refers to what was not imported: ' || array_to_string(thing.lacks || thing.wants, ', ')
          else iasql.import_thing(type.name, thing.id, thing.row, thing.lists, thing.names) end;
        if why is null then
          done := done || row(type.name, thing.id, thing.name, 'without ' || nullif(array_to_string(thing.wants, ', '), ''))::iasql.imported;
        else
          remaining := remaining || row(type.name, thing.id, thing.name, why)::iasql.imported;
        end if;
      end loop;
    end loop;
    exit when lenient and cardinality(done) = before;
    lenient := cardinality(done) = before;
  end loop;
  taken := iasql.take_back(done);
  return query select d.resource, d.name, false, d.said from unnest(done) d where not exists (select from unnest(taken) t where t.observed_id = d.observed_id);
  return query select d.resource, d.name, true, d.said from unnest(remaining || taken) d;
end
$$;
