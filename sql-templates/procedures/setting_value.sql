-- description: The value of one setting of this database.
-- service: reconciler
-- callers: scheduler
-- mode: read
-- optional: result

create or replace function iasql.setting_value(name text) returns text
language sql stable as $$
  select s.value from iasql.setting s where s.name = setting_value.name
$$;
