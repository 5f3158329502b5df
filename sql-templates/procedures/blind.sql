-- description: Notes that a resource type could not be read: it is left out of the plan.
-- service: reconciler
-- mode: write

create or replace function iasql.blind(counter bigint, resource text, region text, said text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  insert into iasql.listing (resource, region, blind) values (blind.resource, blind.region, said)
  on conflict on constraint listing_pkey do update set blind = excluded.blind;
end
$$;
