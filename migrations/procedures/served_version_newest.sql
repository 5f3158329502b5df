-- description: The highest number of a version that is known of a served database; 0 where there is none.
-- service: gateway
-- mode: read
create or replace function control.served_version_newest(id uuid) returns bigint
language sql stable as $$
  select coalesce(max(v.number), 0) from control.served_version as v where v.served = served_version_newest.id
$$;
