-- What changed a desired row: in which transaction, when that was committed, and why. And whose row it is, where it is one of a list.
--
-- A statement's time is not that of its COMMIT. So that "as of" can mean what others could see, each transaction that changes desired rows has a
-- row of its own, and a deferred trigger writes down when it ends. Transactions that wait for one another end in that order, so a
-- state of the past is one that there was.

create table iasql.transaction (
  id            bigint      primary key generated always as identity,
  txid          xid8        not null default pg_current_xact_id(),
  began_at      timestamptz not null default transaction_timestamp(),
  committed_at  timestamptz,
  after_history bigint      not null,
  -- a database that has moved to another server meets the same numbers again
  constraint a_transaction_is_known_by_its_number_and_its_beginning unique (txid, began_at)
);
comment on table iasql.transaction is 'Each transaction that changed desired rows, and when it was committed.';
comment on column iasql.transaction.id is 'Counts up, in the order of their first changes.';
comment on column iasql.transaction.txid is 'Its number on the server.';
comment on column iasql.transaction.began_at is 'When it began.';
comment on column iasql.transaction.committed_at is 'When it was committed: a moment before others could see it. NULL while it is open, for itself.';
comment on column iasql.transaction.after_history is 'All its rows in iasql.history have greater numbers.';

alter table iasql.history add column transaction bigint;
alter table iasql.history add column message text;
comment on column iasql.history.transaction is 'The row of iasql.transaction; NULL for what was written before version 3.';
comment on column iasql.history.message is 'Why: what iasql.because was told in this transaction.';
comment on column iasql.history.row_id is 'The row; for a row of a list, the row that it belongs to.';
create index history_by_resource on iasql.history (resource, row_id, id);
create index history_without_owner on iasql.history (transaction) where row_id is null;

create function iasql.note_commit() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update iasql.transaction t set committed_at = clock_timestamp() where t.id = new.id;
  return null;
end
$$;
comment on function iasql.note_commit is 'Writes down when a transaction ends.';

create constraint trigger note_commit after insert or update on iasql.transaction deferrable initially deferred
for each row when (new.committed_at is null) execute function iasql.note_commit();

create function iasql.this_transaction() returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  this iasql.transaction := (select t from iasql.transaction t where t.txid = pg_current_xact_id() and t.began_at = transaction_timestamp());
begin
  if this.id is null then
    insert into iasql.transaction (after_history) select coalesce(pg_sequence_last_value(pg_get_serial_sequence('iasql.history', 'id')::regclass), 0) returning id into this.id;
  elsif this.committed_at is not null then
    -- it said "set constraints all immediate", and goes on
    update iasql.transaction t set committed_at = null where t.id = this.id;
  end if;
  return this.id;
end
$$;
comment on function iasql.this_transaction is 'The number of this transaction in iasql.transaction.';

create function iasql.message() returns text
language sql stable
return nullif(left(current_setting('iasql.because', true), 1000), '');
comment on function iasql.message is 'Why this transaction changes rows, as it said.';

create function iasql.because(message text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('iasql.because', coalesce(because.message, ''), true);
  -- what it has changed so far has the same reason
  update iasql.history h set message = iasql.message()
  from   iasql.transaction t
  where  t.txid = pg_current_xact_id_if_assigned() and t.began_at = transaction_timestamp() and h.transaction = t.id and h.id > t.after_history;
end
$$;
comment on function iasql.because is 'Says why this transaction changes rows; it stands beside each of its changes in iasql.history.';

-- The cloud's id of what is only referred to is the user's own word.
create function iasql.kept("row" jsonb, dropped text[], mask jsonb, id text) returns jsonb
language sql stable
return ("row" - dropped) || mask || case when id is not null and ("row" ->> 'reference_only')::boolean then jsonb_build_object(id, "row" -> id) else '{}' end;
comment on function iasql.kept is 'A row as the history keeps it: without what the cloud fills, and with three stars for secrets.';

create or replace function iasql.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this    text   := format('%s.%s', tg_table_schema, tg_table_name);
  drop    text[] := string_to_array(tg_argv[0], ',');
  mask    jsonb  := tg_argv[1]::jsonb;
  id      text   := (select f.field from iasql.field f where f.resource = this and f.is_identity);
  within  bigint;
begin
  if tg_op = 'INSERT' then
    if not exists (select from became) then
      return null;
    end if;
    within := iasql.this_transaction();
    insert into iasql.history (transaction, message, resource, row_id, operation, became)
    select within, iasql.message(), this, n.row_id, 'insert', iasql.kept(to_jsonb(n.*), drop, mask, id) from became n;
  elsif tg_op = 'DELETE' then
    if not exists (select from was) then
      return null;
    end if;
    within := iasql.this_transaction();
    insert into iasql.history (transaction, message, resource, row_id, operation, was)
    select within, iasql.message(), this, o.row_id, 'delete', iasql.kept(to_jsonb(o.*), drop, mask, id) from was o;
  else
    if not exists (select from became n join was o on o.row_id = n.row_id where iasql.kept(to_jsonb(o.*), drop, '{}', id) is distinct from iasql.kept(to_jsonb(n.*), drop, '{}', id)) then
      return null;
    end if;
    within := iasql.this_transaction();
    insert into iasql.history (transaction, message, resource, row_id, operation, was, became)
    select within, iasql.message(), this, n.row_id, 'update', iasql.kept(to_jsonb(o.*), drop, mask, id), iasql.kept(to_jsonb(n.*), drop, mask, id)
    from   became n join was o on o.row_id = n.row_id
    where  iasql.kept(to_jsonb(o.*), drop, '{}', id) is distinct from iasql.kept(to_jsonb(n.*), drop, '{}', id);
  end if;
  perform pg_notify('iasql_changed', '');
  return null;
end
$$;

-- Where an owner was deleted or renamed, its list goes along, and its old name leads nowhere any more. But the owner's own change is written by then.
create function iasql.name_owners(part iasql.part, within bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from iasql.history h where h.transaction = within and h.row_id is null) then
    execute format('update iasql.history h set row_id = o.row_id from iasql.history o where h.transaction = $1 and h.row_id is null and h.resource = %L and o.transaction = $1 and o.resource = %L and o.id > $2 and %s',
      part.part, part.resource, (select string_agg(format('h.was ->> %L = o.was ->> %L', k.own_field, k.owner_field), ' and ') from unnest(part.own_fields, part.owner_fields) k (own_field, owner_field)))
    using within, (select t.after_history from iasql.transaction t where t.id = within);
  end if;
end
$$;
comment on function iasql.name_owners is 'Says whose rows those of a list were that went along with their owners.';

create or replace function iasql.keep_list_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  this   text       := format('%s.%s', tg_table_schema, tg_table_name);
  part   iasql.part := (select p from iasql.part p where p.part = this);
  owner  text       := format('left join %s _d on %s', part.resource, iasql.equal('_p', part.own_fields, '_d', part.owner_fields));
  within bigint;
begin
  if tg_op = 'INSERT' then
    if not exists (select from became) then
      return null;
    end if;
  elsif not exists (select from was) then
    return null;
  end if;
  within := iasql.this_transaction();
  if tg_op <> 'INSERT' then
    execute 'insert into iasql.history (transaction, message, resource, row_id, operation, was) select $1, iasql.message(), $2, _d.row_id, ''delete'', to_jsonb(_p.*) from was _p ' || owner using within, this;
  end if;
  if tg_op <> 'DELETE' then
    execute 'insert into iasql.history (transaction, message, resource, row_id, operation, became) select $1, iasql.message(), $2, _d.row_id, ''insert'', to_jsonb(_p.*) from became _p ' || owner using within, this;
  end if;
  perform iasql.name_owners(part, within);
  perform pg_notify('iasql_changed', '');
  return null;
end
$$;
