-- A backup of a cluster, as it lies in its bucket, and what a cluster's row says of backups.

create table postgres.backup (
  cluster      text not null,
  label        text not null,
  started_at   timestamptz,
  ended_at     timestamptz,
  size_bytes   bigint,
  stored_bytes bigint,
  primary key (cluster, label)
);

comment on table postgres.backup is 'A backup of a cluster. It can only be referred to: which there are stands in observed.postgres_backup, as of the last check or refresh. A cluster can be restored to any time from ended_at on (restore_from and restore_to of postgres.cluster).';
comment on column postgres.backup.cluster is '@immutable The cluster, by its name.';
comment on column postgres.backup.label is '@immutable What pgBackRest calls it.';
comment on column postgres.backup.started_at is '@cloud When it was begun.';
comment on column postgres.backup.ended_at is '@cloud When it was over.';
comment on column postgres.backup.size_bytes is '@cloud How many bytes the data had.';
comment on column postgres.backup.stored_bytes is '@cloud How many it takes in the bucket, without the log.';

select iasql.register('postgres.backup');

alter table postgres.backup
  alter column reference_only set default true,
  add constraint a_backup_can_only_be_referred_to check (reference_only);

-- It comes after begin_cluster, by its name, which knows the bucket.
create function postgres.choose_backup() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.reference_only then
    return new;
  elsif new.provider = 'aws' and num_nonnulls(new.backup_schedule, new.backup_bucket, new.restore_from) > 0 then
    raise exception 'of the cluster % RDS makes the backups', new.name
      using errcode = 'invalid_parameter_value', hint = 'Leave backup_schedule, backup_bucket and restore_from out; backup_retention_period of its rds.db_instance says for how many days they are kept.';
  end if;
  if tg_op = 'UPDATE' and not old.reference_only then
    if (new.restore_from, new.restore_to) is distinct from (old.restore_from, old.restore_to) then
      raise exception 'what a cluster began with can''t be changed'
        using errcode = 'invalid_parameter_value', hint = 'Insert another one with that restore_from and restore_to.';
    end if;
    -- who takes one of them away wants no backups
    if (old.backup_schedule is not null and new.backup_schedule is null) or (old.backup_bucket is not null and new.backup_bucket is null) then
      new.backup_schedule := null;
      new.backup_bucket := null;
    end if;
  end if;
  if new.backup_schedule is not null or new.backup_bucket is not null then
    new.backup_schedule := coalesce(new.backup_schedule, '0 3 * * *');
    new.backup_bucket := coalesce(new.backup_bucket, new.bucket);
  end if;
  if new.access_key_id is null and (new.backup_bucket <> new.bucket or new.restore_from is not null) then
    raise exception 'the cluster % needs a key to another bucket', new.name
      using errcode = 'invalid_parameter_value', hint = 'Where no access_key_id is said one is made that reaches its own bucket alone: say one that reaches both.';
  end if;
  return new;
end
$$;
comment on function postgres.choose_backup is 'Completes what a row says of backups, and refuses what can''t be: a trigger.';

create trigger choose_backup before insert or update on postgres.cluster for each row execute function postgres.choose_backup();
