-- description: Reads what an operator has set. No row: nothing.
-- service: scheduler
-- mode: read
create or replace function control.setting_find(name text)
returns table (value text)
language sql stable as $$
  select s.value from control.setting as s where s.name = setting_find.name
$$;
