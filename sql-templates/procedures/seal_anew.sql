-- description: Puts a value that was opened back, sealed to the key in use, as the same version; no where it was written in the meantime.
-- service: reconciler
-- mode: write

create or replace function iasql.seal_anew(resource text, field text, row_id uuid, was text, value text) returns boolean
language plpgsql as $$
declare
  text_of text := iasql.secret_text(resource, field);
  sealed  text := iasql.sealed(resource || '.' || field, value);
  changed bigint;
begin
  -- neither a new version nor a change of the user's
  execute format('alter table %s disable trigger user', resource);
  execute format('update %s new set %I = %s where new.row_id = $1 and %s = $2', resource, field, case when text_of like 'coalesce%' then 'to_jsonb($3)' else '$3' end, text_of)
    using row_id, was, sealed;
  get diagnostics changed = row_count;
  execute format('alter table %s enable trigger user', resource);
  return changed > 0;
end
$$;
