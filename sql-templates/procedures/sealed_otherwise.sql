-- description: What is sealed to other keys than this one, or to none, with its row's key as text.
-- service: reconciler
-- mode: read

create or replace function iasql.sealed_otherwise(key_id text) returns table (resource text, field text, row_id uuid, name text, value text)
language plpgsql stable as $$
declare
  secret record;
begin
  for secret in select f.resource, f.field from iasql.field f where f.is_secret order by f.resource, f.position loop
    return query execute format('select %L, %L, new.row_id, %s, %s from %s new where new.%I is not null and not starts_with(%4$s, $1)',
      secret.resource, secret.field, iasql.name_of(secret.resource, 'new', false), iasql.secret_text(secret.resource, secret.field), secret.resource, secret.field)
      using 'iasql:sealed:' || key_id || ':';
  end loop;
end
$$;
