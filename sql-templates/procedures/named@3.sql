-- description: The rows of a type that somebody manages: desired ones whose parents' ids are known, and observed ones that are left.
-- service: reconciler
-- mode: read

create or replace function iasql.named(resource text) returns setof jsonb
language plpgsql stable as $$
begin
  return query execute format($sql$
    select r.desired from iasql.%1$I r where r.lacks = '{}' or not $1
    union
    -- what a row with another key now has left behind is still to be seen, for it is still to go
    select to_jsonb(o.*) from observed.%2$I o
    where  (o.row_id is not null or o.superseded)
    and    not exists (select from iasql.%1$I r where r.row_id = o.row_id and %3$s)
  $sql$, 'resolved_' || iasql.relation(resource), iasql.relation(resource),
    (select string_agg(format('r.desired ->> %1$L is not distinct from o.%1$I::text', f.field), ' and ' order by f.position)
     from iasql.field f where f.resource = named.resource and f.is_key)) using
    -- what is called by its parents' names can be looked for before these are known
    exists (select from iasql.arm_reference a join iasql.field f on f.resource = a.parent and f.is_identity where a.resource = named.resource);
end
$$;
