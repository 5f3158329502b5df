-- What a reference leads to may be in a region that a column of the row's own names: records have none, and lead to load balancers.

create or replace function iasql.observed_parent(ref iasql.arm_reference, observed text, parent text) returns text
language sql immutable as $$
  select format('%s.%I = %s.%I', parent, ref.parent_identity, observed, ref.field)
      || case when ref.parent_is_regional then format(' and %s.region = %s.%I', parent, observed, coalesce(ref.child_fields[array_position(ref.parent_fields, 'region')], 'region')) else '' end
$$;
