-- description: One desired row as a provider takes it; none with a secret that is sealed, for who calls this can't open it.
-- service: reconciler
-- mode: read
-- optional: region

create or replace function iasql.desired(resource text, row_id uuid) returns table (region text, desired jsonb, lacks text[])
language plpgsql stable as $$
declare
  found  record;
  secret text;
begin
  for found in execute format('select r.region, r.desired, r.lacks from iasql.%I r where r.row_id = $1', 'resolved_' || iasql.relation(resource)) using row_id loop
    select f.field into secret from iasql.field f
    where  f.resource = desired.resource and f.is_secret and starts_with(found.desired ->> f.field, 'iasql:sealed:') order by f.position limit 1;
    if secret is not null then
      raise exception '%.% is sealed, and this engine is too old to open it', resource, secret
        using errcode = 'feature_not_supported', hint = 'Use an engine of this database''s release.';
    end if;
    region := found.region;
    desired := found.desired;
    lacks := found.lacks;
    return next;
  end loop;
end
$$;
