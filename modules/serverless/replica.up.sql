-- A database that shows what a serverless one has and changes nothing of it, as one row: an app with its secrets, a volume, a machine, and the gateway's row.

create view serverless.replica with (security_invoker = true) as
select
  g.name,
  g.domain,
  g.replica_of as of,
  m.app,
  m.region,
  m.image,
  m.memory_mb,
  v.size_gb,
  g.idle_seconds,
  g.host,
  null::text as password,
  null::text as access_key_id,
  null::text as secret_access_key
from gateway.database as g
join fly.machine as m on g.machine = m.app || '/' || m.name
left join fly.volume as v on v.name = m.volume
where m.metadata ->> 'iasql_blueprint' = 'serverless.replica';

comment on view serverless.replica is 'A database that shows what one of serverless.database has, and changes nothing of it: it reads that one''s bucket, on a machine of its own, and does not wake that one. A row is one of gateway.database and gateway.machine, an app, its secrets, a volume and a machine of Fly.';
comment on column serverless.replica.name is 'Its name below the domain. It stays.';
comment on column serverless.replica.domain is 'The domain below which it and the other one are: db.localhost where none is named. It stays.';
comment on column serverless.replica.of is 'The name of the other one, of engine postgres. The login is that one''s. It stays.';
comment on column serverless.replica.app is 'The app of Fly that is made for it; its name and some letters where none is named, for those names are the world''s. It stays.';
comment on column serverless.replica.region is 'The region of Fly that it is in: that of the other one where none is named. It stays.';
comment on column serverless.replica.image is 'The image of its machine: that of images/postgres, where you have pushed it.';
comment on column serverless.replica.memory_mb is 'The memory of its machine, in MB: 512 where nothing is said.';
comment on column serverless.replica.size_gb is 'The disk on which the files are that it has fetched, in GB: as large as the other one''s where nothing is said. It grows.';
comment on column serverless.replica.idle_seconds is 'How long after its last session it falls asleep, and its machine stops.';
comment on column serverless.replica.host is 'The name to connect to.';
comment on column serverless.replica.password is 'The password of its login, which is its own. Taken, and never shown.';
comment on column serverless.replica.access_key_id is 'With what its machine gets to the other one''s bucket: a key that reads there, and writes its lease below its own id and what a bucket is tried with; where no key is given, a row of tigris.access_key has one made for that bucket alone. Taken, and never shown.';
comment on column serverless.replica.secret_access_key is 'The secret of that key. Taken, and never shown.';

-- Each of the rows is checked by its own table.
create function serverless.make_replica() returns trigger
language plpgsql as $$
declare
  read        serverless.database;
  app_name    text := coalesce(new.app, new.name || '-' || left(replace(gen_random_uuid()::text, '-', ''), 6));
  machine     text;
begin
  select d.* into read from serverless.database as d where d.domain = coalesce(new.domain, 'db.localhost') and d.name = new.of;
  if not found and exists (select from serverless.database as d where not d.gateway and d.name = new.of) then
    raise exception 'the database % has no gateway, and replicas are led to by one', new.of
      using errcode = 'invalid_parameter_value', hint = 'Replicas are of databases behind a gateway (gateway = true).';
  end if;
  if read.name is null then
    raise exception 'there is no serverless database % of which % could be a replica', coalesce(new.of, 'without a name'), new.name
      using errcode = 'foreign_key_violation', hint = 'Its row stands in serverless.database, below the same domain.';
  end if;
  if read.engine <> 'postgres' then
    raise exception 'the database % is of engine %, of which there are no replicas yet', new.of, read.engine
      using errcode = 'invalid_parameter_value', hint = 'Replicas are of databases of engine postgres.';
  end if;
  machine := serverless.make_machine(
    app => app_name, blueprint => 'serverless.replica', region => coalesce(new.region, read.region),
    image => coalesce(new.image, 'iasql/postgres'), memory_mb => new.memory_mb, size_gb => coalesce(new.size_gb, read.size_gb),
    bucket => read.bucket, endpoint => read.endpoint,
    access_key_id => new.access_key_id, secret_access_key => new.secret_access_key);
  perform serverless.lead_by_gateway(app_name);
  -- what it has in that bucket lies below its own id, which nobody chooses
  insert into gateway.database (name, domain, role, password, idle_seconds, machine, replica_of)
  values (new.name, read.domain, read.role, new.password, new.idle_seconds, machine, read.name);
  -- what is taken and never shown
  new.password := null;
  new.access_key_id := null;
  new.secret_access_key := null;
  return new;
end
$$;
comment on function serverless.make_replica is 'Inserts the rows that a replica is made of.';

create trigger make_replica instead of insert on serverless.replica
  for each row execute function serverless.make_replica();

create function serverless.change_replica() returns trigger
language plpgsql as $$
declare
  stray text := serverless.changed(
    to_jsonb(old), to_jsonb(new), array['name', 'domain', 'of', 'app', 'region', 'host']);
begin
  if stray is not null then
    raise exception 'of a replica % can''t be changed', stray
      using errcode = 'invalid_parameter_value', hint = 'Insert another one, and delete this one.';
  end if;
  perform serverless.change_machine(old.app, new.image, new.memory_mb, new.size_gb, new.access_key_id, new.secret_access_key);
  update gateway.database as g
  set idle_seconds = new.idle_seconds, password = coalesce(new.password, g.password)
  where g.domain = old.domain and g.name = old.name;
  new.password := null;
  new.access_key_id := null;
  new.secret_access_key := null;
  return new;
end
$$;
comment on function serverless.change_replica is 'Changes the rows that a replica is made of.';

create trigger change_replica instead of update on serverless.replica
  for each row execute function serverless.change_replica();

create function serverless.drop_replica() returns trigger
language plpgsql as $$
begin
  delete from gateway.database as g where g.domain = old.domain and g.name = old.name;
  perform serverless.drop_machine(old.app);
  return old;
end
$$;
comment on function serverless.drop_replica is 'Deletes the rows that a replica is made of.';

create trigger drop_replica instead of delete on serverless.replica
  for each row execute function serverless.drop_replica();

select iasql.admit_to('serverless');
