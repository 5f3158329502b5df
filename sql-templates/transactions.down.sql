-- Changes by statement only, as version 1 keeps them.

-- Statement by statement, so that a bulk load pays once. Rows that only got @cloud values are no change of the user's.
create or replace function iasql.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this    text   := format('%s.%s', tg_table_schema, tg_table_name);
  drop    text[] := string_to_array(tg_argv[0], ',');
  mask    jsonb  := tg_argv[1]::jsonb;
begin
  if tg_op = 'INSERT' then
    insert into iasql.history (resource, row_id, operation, became)
    select this, n.row_id, 'insert', (to_jsonb(n.*) - drop) || mask from became n;
  elsif tg_op = 'DELETE' then
    insert into iasql.history (resource, row_id, operation, was)
    select this, o.row_id, 'delete', (to_jsonb(o.*) - drop) || mask from was o;
  else
    insert into iasql.history (resource, row_id, operation, was, became)
    select this, n.row_id, 'update', (to_jsonb(o.*) - drop) || mask, (to_jsonb(n.*) - drop) || mask
    from   became n join was o on o.row_id = n.row_id
    where  to_jsonb(o.*) - drop is distinct from to_jsonb(n.*) - drop;
  end if;
  if found then
    perform pg_notify('iasql_changed', '');
  end if;
  return null;
end
$$;

-- A list's rows have no name of their own: a changed one is another one.
create or replace function iasql.keep_list_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this text := format('%s.%s', tg_table_schema, tg_table_name);
begin
  if tg_op <> 'INSERT' then
    insert into iasql.history (resource, operation, was) select this, 'delete', to_jsonb(o.*) from was o;
  end if;
  if tg_op <> 'DELETE' then
    insert into iasql.history (resource, operation, became) select this, 'insert', to_jsonb(n.*) from became n;
  end if;
  perform pg_notify('iasql_changed', '');
  return null;
end
$$;

drop function iasql.name_owners(iasql.part, bigint);
drop function iasql.kept(jsonb, text[], jsonb, text);
drop function iasql.because(text);
drop function iasql.message();
drop function iasql.this_transaction();
drop table iasql.transaction;
drop function iasql.note_commit();

drop index iasql.history_without_owner;
drop index iasql.history_by_resource;
comment on column iasql.history.row_id is 'The row; NULL for a row of a list.';
alter table iasql.history drop column message;
alter table iasql.history drop column transaction;
-- the rows of lists had nobody's id before
update iasql.history h set row_id = null from iasql.resource r where r.name = h.resource and r.part_of is not null and h.row_id is not null;
