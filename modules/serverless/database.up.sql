-- A database that sleeps when nobody is connected, as one row: a bucket, an app with its secrets and its key, a volume, a machine, and the gateway's row, or what
-- Fly's proxy needs where there is no gateway.

create view serverless.database with (security_invoker = true) as
select
  g.name,
  true as gateway,
  g.domain,
  g.role,
  g.engine,
  m.app,
  m.region,
  m.image,
  m.memory_mb,
  v.size_gb,
  g.idle_seconds,
  g.durability,
  substr(m.env ->> 'IASQL_INSTANCE_BUCKET', length('s3://') + 1) as bucket,
  m.env ->> 'AWS_ENDPOINT_URL' as endpoint,
  g.host,
  g.size_bytes,
  null::text as password,
  null::text as access_key_id,
  null::text as secret_access_key
from gateway.database as g
join fly.machine as m on g.machine = m.app || '/' || m.name
left join fly.volume as v on v.name = m.volume
where m.metadata ->> 'iasql_blueprint' = 'serverless.database'
union all
-- what the gateway's row would say is what the machine is told
select
  m.metadata ->> 'iasql_database',
  false,
  null,
  m.env ->> 'IASQL_INSTANCE_ROLE',
  m.env ->> 'IASQL_INSTANCE_ENGINE',
  m.app,
  m.region,
  m.image,
  m.memory_mb,
  v.size_gb,
  case when m.env ->> 'IASQL_INSTANCE_IDLE_SECONDS' ~ '^[0-9]{1,9}$' then (m.env ->> 'IASQL_INSTANCE_IDLE_SECONDS')::integer end,
  m.env ->> 'IASQL_INSTANCE_DURABILITY',
  substr(m.env ->> 'IASQL_INSTANCE_BUCKET', length('s3://') + 1),
  m.env ->> 'AWS_ENDPOINT_URL',
  m.app || '.fly.dev',
  null,
  null,
  null,
  null
from fly.machine as m
left join fly.volume as v on v.name = m.volume
where m.metadata ->> 'iasql_blueprint' = 'serverless.database' and m.metadata ? 'iasql_database';

comment on view serverless.database is 'A database that sleeps when nobody is connected and keeps its files in a bucket. A row is one of gateway.database and gateway.machine, or an address of Fly where there is no gateway; an app, its secrets, a volume and a machine of Fly, and a bucket of Tigris with a key to it. Deleting it leaves the bucket.';
comment on column serverless.database.name is 'Its name: below the domain, or where there is no gateway among those without one. It stays.';
comment on column serverless.database.gateway is 'Whether a gateway stands before it, which starts its machine: so where nothing is said. false: Fly''s proxy does, as <app>.fly.dev, and stops it, too. It stays.';
comment on column serverless.database.domain is 'The domain below which it is: db.localhost where none is named. NULL: there is no gateway. It stays.';
comment on column serverless.database.role is 'The login that owns it: app where none is named. It stays.';
comment on column serverless.database.engine is 'postgres, where nothing is said; orioledb, whose tables lie in the bucket also while it is awake; or pglite, one session at a time. It stays.';
comment on column serverless.database.app is 'The app of Fly that is made for it; its name and some letters where none is named, for those names are the world''s. It stays.';
comment on column serverless.database.region is 'The region of Fly that it is in: iad where none is named. It stays.';
comment on column serverless.database.image is 'The image of its machine: that of images/postgres, images/orioledb or images/pglite, as its engine is, where you have pushed it.';
comment on column serverless.database.memory_mb is 'The memory of its machine, in MB: 512 where nothing is said, and 1024 for a pglite.';
comment on column serverless.database.size_gb is 'The disk on which its files are while it is awake, in GB: 1 where nothing is said. It grows.';
comment on column serverless.database.idle_seconds is 'How long after its last session it falls asleep, and its machine stops. Where there is no gateway: 300 where nothing is said, or earlier when Fly''s proxy stops the machine, to which nobody is connected.';
comment on column serverless.database.durability is 'When what it commits is in the bucket: pause, interval or sync; of engine orioledb pause, and a minute later at most; of engine pglite pause.';
comment on column serverless.database.bucket is 'The bucket in which its files are while it sleeps, and no other database''s: of the app''s name where none is named. It stays.';
comment on column serverless.database.endpoint is 'Where that bucket is reached: Tigris where nothing is said.';
comment on column serverless.database.host is 'The name to connect to.';
comment on column serverless.database.size_bytes is 'How large its tables and indexes were when the gateway last looked. NULL: nobody did, or there is no gateway.';
comment on column serverless.database.password is 'The password of its login; where there is no gateway of ASCII signs only. Taken, and never shown.';
comment on column serverless.database.access_key_id is 'With what its machine gets to the bucket; where no key is given, a row of tigris.access_key has one made that reads and writes that bucket alone. Taken, and never shown.';
comment on column serverless.database.secret_access_key is 'The secret of that key. Taken, and never shown.';

-- Each of the rows is checked by its own table.
create function serverless.make_database() returns trigger
language plpgsql as $$
declare
  -- a bucket has 63 signs at most
  app_name    text := coalesce(new.app, rtrim(left(new.name, 56), '-') || '-' || left(replace(gen_random_uuid()::text, '-', ''), 6));
  bucket_name text := coalesce(new.bucket, app_name);
  engine      text := coalesce(new.engine, 'postgres');
  machine     text;
begin
  -- of it the names of the others are made
  if new.name is null or new.name !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' then
    raise exception 'a database name has 1 to 63 small letters, digits and hyphens' using errcode = 'check_violation';
  end if;
  if engine not in ('postgres', 'orioledb', 'pglite') then
    raise exception 'the engine % is none of a serverless database', engine
      using errcode = 'invalid_parameter_value', hint = 'It is postgres, orioledb or pglite.';
  end if;
  perform serverless.refuse_taken_bucket(bucket_name);
  insert into tigris.bucket (name) values (bucket_name) on conflict (name) do nothing;
  machine := serverless.make_machine(
    app => app_name, blueprint => 'serverless.database', region => coalesce(new.region, 'iad'),
    image => coalesce(new.image, 'iasql/' || engine),
    -- an empty PGlite has more than half a gigabyte
    memory_mb => coalesce(new.memory_mb, case engine when 'pglite' then 1024 end), size_gb => new.size_gb,
    bucket => bucket_name, endpoint => coalesce(new.endpoint, 'https://fly.storage.tigris.dev'),
    access_key_id => new.access_key_id, secret_access_key => new.secret_access_key);
  if coalesce(new.gateway, true) then
    perform serverless.lead_by_gateway(app_name);
    insert into gateway.database (name, domain, role, engine, password, idle_seconds, durability, machine)
    values (
      new.name, coalesce(new.domain, 'db.localhost'), coalesce(new.role, 'app'), engine, new.password, new.idle_seconds, new.durability,
      machine);
  else
    perform serverless.lead_by_proxy(
      app => app_name, name => new.name, domain => new.domain, role => coalesce(new.role, 'app'), engine => engine,
      idle_seconds => new.idle_seconds, durability => new.durability, password => new.password);
  end if;
  -- what is taken and never shown
  new.password := null;
  new.access_key_id := null;
  new.secret_access_key := null;
  return new;
end
$$;
comment on function serverless.make_database is 'Inserts the rows that a database is made of.';

create trigger make_database instead of insert on serverless.database
  for each row execute function serverless.make_database();

create function serverless.change_database() returns trigger
language plpgsql as $$
declare
  stray text := serverless.changed(
    to_jsonb(old), to_jsonb(new), array['name', 'gateway', 'domain', 'role', 'engine', 'app', 'region', 'bucket', 'host', 'size_bytes']);
begin
  if stray is not null then
    raise exception 'of a serverless database % can''t be changed', stray
      using errcode = 'invalid_parameter_value', hint = 'Insert another one, and take what is in it along with pg_dump.';
  end if;
  perform serverless.refuse_bucket(new.endpoint, new.access_key_id, new.secret_access_key);
  perform serverless.change_machine(old.app, new.image, new.memory_mb, new.size_gb, new.access_key_id, new.secret_access_key);
  update fly.machine as m set env = m.env || jsonb_build_object('AWS_ENDPOINT_URL', coalesce(new.endpoint, 'https://fly.storage.tigris.dev'))
  where m.app = old.app and m.name = 'db';
  update gateway.database as g
  set idle_seconds = new.idle_seconds, durability = new.durability, password = coalesce(new.password, g.password)
  where g.domain = old.domain and g.name = old.name;
  if not old.gateway then
    perform serverless.tell(old.app, old.role, old.engine, new.idle_seconds, new.durability, new.password);
  end if;
  new.password := null;
  new.access_key_id := null;
  new.secret_access_key := null;
  return new;
end
$$;
comment on function serverless.change_database is 'Changes the rows that a database is made of.';

create trigger change_database instead of update on serverless.database
  for each row execute function serverless.change_database();

create function serverless.drop_database() returns trigger
language plpgsql as $$
begin
  delete from gateway.database as g where g.domain = old.domain and g.name = old.name;
  perform serverless.drop_machine(old.app);
  return old;
end
$$;
comment on function serverless.drop_database is 'Deletes the rows that a database is made of, but for the bucket: all that was ever committed lies there.';

create trigger drop_database instead of delete on serverless.database
  for each row execute function serverless.drop_database();

select iasql.admit_to('serverless');
