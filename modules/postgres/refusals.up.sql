-- What a cluster's row may not say, or not at this moment.

create function postgres.refuse_columns(cluster postgres.cluster) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  others text[] := case cluster.provider
    when 'aws' then '{app,synchronous,preferred_primary,poolers,image,memory_mb,bucket,endpoint,access_key_id,secret_access_key,key}'
    else '{instance_class,version}'
  end;
  stray  text := (
    select string_agg(s.key, ', ' order by s.key)
    from jsonb_each(to_jsonb(cluster)) as s
    where s.key = any (others) and s.value not in ('null', 'false'));
begin
  if stray is not null then
    raise exception 'a cluster with provider % has no %', cluster.provider, stray
      using errcode = 'invalid_parameter_value',
            hint = case cluster.provider
              when 'aws' then 'That is said of machines: leave it out. RDS decides who leads, and has each commit in two zones.'
              else 'That is said of servers of RDS (provider = ''aws''): leave it out.'
            end;
  end if;
end
$$;
comment on function postgres.refuse_columns is 'Refuses what is said of another provider''s clusters.';

-- A standby that has less of these than its primary does not start, and standbys are restarted first.
-- https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
create function postgres.held_by_standbys() returns jsonb
language sql immutable
return '{"max_connections": 100, "max_worker_processes": 8, "max_prepared_transactions": 0, "max_locks_per_transaction": 64}'::jsonb;
comment on function postgres.held_by_standbys is 'The settings of which a standby has as much as its primary or more, with what Postgres has where nothing is said.';

create function postgres.refuse_smaller(was postgres.cluster, now_is postgres.cluster) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  -- those that are leaving are members until they are gone
  follows boolean := greatest(was.standbys, now_is.standbys) > 0
    or (select count(*) > 1 from observed.postgres_member as m where m.cluster = was.name);
  smaller text := (
    select string_agg(h.key, ', ' order by h.key)
    from jsonb_each_text(postgres.held_by_standbys()) as h
    where coalesce(now_is.settings ->> h.key, h.value)::bigint < coalesce(was.settings ->> h.key, h.value)::bigint);
begin
  if follows and smaller is not null then
    raise exception 'of a cluster with standbys % does not become smaller', smaller
      using errcode = 'invalid_parameter_value',
            hint = 'A standby does not start with less of it than its primary. Take the standbys away (standbys = 0), check, make it smaller, check, and have them again.';
  end if;
end
$$;
comment on function postgres.refuse_smaller is 'Refuses a smaller setting with which standbys would not start.';
