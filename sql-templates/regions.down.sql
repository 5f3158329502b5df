-- What a reference leads to is in the region of the row, as version 2 has it.

create or replace function iasql.observed_parent(ref iasql.arm_reference, observed text, parent text) returns text
language sql immutable as $$
  select format('%s.%I = %s.%I', parent, ref.parent_identity, observed, ref.field)
      || case when ref.parent_is_regional then format(' and %s.region = %s.region', parent, observed) else '' end
$$;
