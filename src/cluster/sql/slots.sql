-- Makes a place for each that may follow, and removes those of others, as far as nobody uses them.
select
  (
    select count(pg_catalog.pg_create_physical_replication_slot(w.name, true))
    from unnest($1::text[]) as w (name)
    where not exists (select from pg_catalog.pg_replication_slots as s where s.slot_name = w.name)
  ) + (
    select count(pg_catalog.pg_drop_replication_slot(s.slot_name))
    from pg_catalog.pg_replication_slots as s
    where s.slot_type = 'physical' and not s.active and not s.temporary and s.slot_name <> all ($1::text[])
  )
