-- What databases and replicas have in common: an app with its secrets and its key, a volume, and a machine that a gateway starts, or Fly's proxy.

create function serverless.give_key(app text, access_key_id text, secret_access_key text) returns void
language plpgsql as $$
begin
  if num_nulls(access_key_id, secret_access_key) = 1 then
    raise exception 'an access key has an id and a secret' using errcode = 'invalid_parameter_value', hint = 'Say both, or neither.';
  end if;
  if access_key_id is not null and exists (select from tigris.access_key as k where k.app = give_key.app) then
    raise exception 'the key of % is a row of tigris.access_key', app
      using errcode = 'invalid_parameter_value', hint = 'Delete that row and check; after that another key can be given.';
  end if;
  insert into fly.secret (app, name, value)
  select give_key.app, s.name, s.value
  from (values ('AWS_ACCESS_KEY_ID', access_key_id), ('AWS_SECRET_ACCESS_KEY', secret_access_key)) as s (name, value)
  where s.value is not null
  on conflict on constraint secret_pkey do update set value = excluded.value;
end
$$;
comment on function serverless.give_key is 'Has an app have a key to a bucket, where one is said.';

-- What would only be found out by a machine that ends.
create function serverless.refuse_bucket(endpoint text, access_key_id text, secret_access_key text) returns void
language plpgsql as $$
declare
  wrong text := case
    when endpoint !~ '^https?://[^/[:space:]]+$' then 'an endpoint is an address of HTTP: http://host:port, or https'
    when access_key_id !~ '^[!-~]+$' or secret_access_key !~ '^[!-~]+$' then 'an access key is of signs that can be seen, and is not empty'
  end;
begin
  if wrong is not null then
    raise exception '%', wrong using errcode = 'check_violation';
  end if;
end
$$;
comment on function serverless.refuse_bucket is 'Refuses what is no way to a bucket.';

-- Of two in one bucket each would write over the other's, and have the key to it. Clusters are there only where their module is installed.
create function serverless.refuse_taken_bucket(bucket text) returns void
language plpgsql as $$
declare
  other text;
begin
  -- of two who want it at once one waits, and sees the other
  perform pg_advisory_xact_lock(hashtextextended('a bucket of one ' || bucket, 0));
  other := (select 'database ' || d.name from serverless.database as d where d.bucket = refuse_taken_bucket.bucket limit 1);
  if other is null and to_regclass('postgres.cluster') is not null then
    other := (select 'cluster ' || c.name from postgres.cluster as c where c.bucket = refuse_taken_bucket.bucket limit 1);
  end if;
  if other is not null then
    raise exception 'the bucket % is that of the %', bucket, other
      using errcode = 'unique_violation', hint = 'Each database and each cluster has a bucket of its own: name another one, or none.';
  end if;
end
$$;
comment on function serverless.refuse_taken_bucket is 'Refuses a bucket that a serverless database or a cluster has.';

create function serverless.make_machine(
  app text, blueprint text, region text, image text, memory_mb integer, size_gb integer, bucket text, endpoint text, access_key_id text,
  secret_access_key text
) returns text
language plpgsql as $$
declare
  volume_name text := 'data_' || left(md5(app), 16);
begin
  perform serverless.refuse_bucket(endpoint, access_key_id, secret_access_key);
  insert into fly.app (name) values (app);
  perform serverless.give_key(app, access_key_id, secret_access_key);
  if access_key_id is null then
    insert into tigris.access_key (name, app, bucket, access) values (make_machine.app, make_machine.app, make_machine.bucket, 'write');
  end if;
  insert into fly.volume (name, app, region, size_gb) values (volume_name, make_machine.app, make_machine.region, coalesce(make_machine.size_gb, 1));
  insert into fly.machine (app, name, region, image, memory_mb, env, volume, mount_path, restart_policy, stop_seconds, metadata)
  values (
    make_machine.app, 'db', make_machine.region, make_machine.image, coalesce(make_machine.memory_mb, 512),
    jsonb_build_object('IASQL_INSTANCE_BUCKET', 's3://' || bucket, 'AWS_REGION', 'auto', 'AWS_ENDPOINT_URL', endpoint),
    -- whoever stops it has it put its files into the bucket first, which takes its time
    volume_name, '/data', 'no', 300, jsonb_build_object('iasql_blueprint', blueprint));
  return app || '/db';
end
$$;
comment on function serverless.make_machine is 'Inserts the rows that a machine of a database is made of, but for what leads clients to it; answers with its name.';

-- Only the instance puts it to sleep, by its own end, and only the gateway wakes it.
create function serverless.lead_by_gateway(app text) returns void
language plpgsql as $$
declare
  machine_key text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
begin
  insert into fly.secret (app, name, value) values (lead_by_gateway.app, 'IASQL_INSTANCE_KEY', machine_key);
  insert into gateway.machine (name, key) values (app || '/db', machine_key);
end
$$;
comment on function serverless.lead_by_gateway is 'Has gateways know a machine, and be known by it.';

create function serverless.change_machine(
  app text, image text, memory_mb integer, size_gb integer, access_key_id text, secret_access_key text
) returns void
language plpgsql as $$
begin
  perform serverless.give_key(app, access_key_id, secret_access_key);
  update fly.volume as v set size_gb = change_machine.size_gb
  from fly.machine as m
  where m.app = change_machine.app and m.name = 'db' and v.name = m.volume and v.size_gb <> change_machine.size_gb;
  update fly.machine as m set image = change_machine.image, memory_mb = change_machine.memory_mb
  where m.app = change_machine.app and m.name = 'db';
end
$$;
comment on function serverless.change_machine is 'Changes the rows that a machine of a database is made of.';

create function serverless.drop_machine(app text) returns void
language plpgsql as $$
begin
  delete from gateway.machine as g where g.name = drop_machine.app || '/db';
  delete from fly.machine as m where m.app = drop_machine.app;
  delete from fly.ip_address as i where i.app = drop_machine.app;
  delete from fly.volume as v where v.app = drop_machine.app;
  delete from tigris.access_key as k where k.app = drop_machine.app;
  delete from fly.secret as s where s.app = drop_machine.app;
  delete from fly.app as a where a.name = drop_machine.app;
end
$$;
comment on function serverless.drop_machine is 'Deletes the rows that a machine of a database is made of.';

create function serverless.changed(before jsonb, after jsonb, fixed text[]) returns text
language sql immutable as $$
  select string_agg(o.key, ', ' order by o.key)
  from jsonb_each(before) as o
  join jsonb_each(after) as n on n.key = o.key and n.value <> o.value
  where o.key = any (fixed)
$$;
comment on function serverless.changed is 'Which of the columns that stay are to be changed; NULL where none is.';
