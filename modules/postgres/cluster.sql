-- A cluster: Postgres servers of which one leads and the others follow, with a pooler before them, as one row.

create table postgres.cluster (
  name                      text    not null primary key,
  app                       text    references fly.app (name) on update cascade,
  provider                  text    not null default 'machines',
  region                    text    not null,
  standbys                  integer not null default 2,
  synchronous               boolean not null default false,
  preferred_primary         integer,
  poolers                   integer,
  image                     text,
  memory_mb                 integer,
  instance_class            text,
  version                   text,
  size_gb                   integer not null,
  settings                  jsonb   not null default '{}',
  databases                 text[]  not null default '{main}',
  password                  text,
  password_version          uuid,
  bucket                    text    references tigris.bucket (name) on update cascade,
  endpoint                  text,
  access_key_id             text,
  secret_access_key         text,
  secret_access_key_version uuid,
  key                       text,
  key_version               uuid,
  backup_schedule           text,
  backup_bucket             text,
  backup_keep               integer not null default 7,
  restore_from              text,
  restore_to                timestamptz,
  host                      text,
  authority                 text,
  primary_member            integer,
  term                      bigint,
  last_failover_at          timestamptz,
  last_failover_from        integer,
  last_failover_ms          bigint,
  last_failover_planned     boolean,
  backup_url                text,
  last_backup_at            timestamptz,
  backup_failure            text,
  status                    text,
  constraint a_cluster_name_has_1_to_40_small_letters_digits_and_hyphens
    check (name ~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'),
  constraint an_app_has_one_cluster
    unique (app),
  constraint a_cluster_is_of_machines_or_on_aws
    check (provider in ('machines', 'aws')),
  constraint a_cluster_of_machines_has_an_app_poolers_an_image_memory_and_a_bucket
    check (provider <> 'machines' or num_nulls(app, poolers, image, memory_mb, bucket, endpoint) = 0),
  constraint a_fly_region_has_three_letters
    check (provider <> 'machines' or region ~ '^[a-z]{3}$'),
  constraint a_cluster_has_1_to_4_poolers
    check (poolers between 1 and 4),
  constraint a_version_is_in_full_as_in_16_4
    check (version ~ '^[1-9][0-9]\.[0-9]{1,2}$'),
  constraint a_cluster_has_0_to_8_standbys
    check (standbys between 0 and 8),
  constraint a_synchronous_cluster_has_a_standby
    check (not synchronous or standbys > 0),
  constraint a_preferred_primary_is_a_member_from_0_to_standbys_or_nobody
    check (preferred_primary between -1 and standbys),
  constraint memory_is_256_to_131072_mb_in_steps_of_256
    check (memory_mb between 256 and 131072 and memory_mb % 256 = 0),
  constraint a_disk_has_1_to_500_gb_and_one_of_rds_20_to_65536
    check (case provider when 'aws' then size_gb between 20 and 65536 else size_gb between 1 and 500 end),
  constraint settings_are_texts_by_name
    check (iasql.are_tags(settings)),
  constraint databases_are_one_or_more_names_in_small_letters
    check (array_to_string(databases, ',', '?') ~ '^[a-z_][a-z0-9_]{0,62}(,[a-z_][a-z0-9_]{0,62})*$'),
  constraint databases_are_others_than_those_of_every_server
    check (not databases && '{postgres,template0,template1}'),
  constraint a_password_has_at_least_8_characters
    check (length(password) >= 8),
  constraint an_endpoint_is_an_address_of_http
    check (endpoint ~ '^https?://[^/]+$'),
  constraint an_access_key_has_an_id_and_a_secret
    check (num_nonnulls(access_key_id, secret_access_key) <> 1),
  constraint a_key_has_at_least_32_characters
    check (length(key) >= 32),
  constraint a_backup_schedule_has_five_fields_of_numbers
    check (backup_schedule ~ '^[0-9*/,-]+( [0-9*/,-]+){4}$'),
  constraint a_backup_bucket_is_a_name_of_a_bucket
    check (backup_bucket ~ '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
  constraint at_least_one_backup_is_kept
    check (backup_keep between 1 and 1000),
  constraint what_is_restored_is_at_a_bucket_and_a_path
    check (restore_from ~ '^s3://[a-z0-9][a-z0-9.-]*/[A-Za-z0-9._/-]+$'),
  constraint a_time_to_restore_to_has_backups_to_restore_from
    check (restore_to is null or restore_from is not null)
);

comment on table postgres.cluster is '@data A cluster: Postgres servers of which one leads and the others follow, and a pooler before them that leads clients to whoever leads. Its row makes an app of Fly with its secrets, an address, a volume and a machine m0, m1, … for each member, a machine for each pooler, and a bucket of Tigris in which is written down who leads. Deleting it leaves the bucket, and nothing else. With the provider aws it makes a server of RDS and read replicas of it.';
comment on column postgres.cluster.name is '@immutable Its name. It stays.';
comment on column postgres.cluster.app is '@immutable The app of Fly that is made for it, and is no other''s; its name and some letters where none is named, for those names are the world''s. It stays. NULL: it is on AWS.';
comment on column postgres.cluster.provider is '@immutable Where it runs: machines, of Fly or of iasql machines, or aws, as a server of RDS in two zones and read replicas of it. It stays.';
comment on column postgres.cluster.region is '@immutable @place The region of Fly that it is in, iad where none is named; or that of AWS, the database''s where none is named. It stays.';
comment on column postgres.cluster.standbys is 'How many members follow the one that leads, 0 to 8. One more copies the others; one less takes the member with the highest number away, which hands over before if it leads. On AWS they are read replicas, which never lead.';
comment on column postgres.cluster.synchronous is 'Whether a commit waits until a standby has it. On AWS nobody says so: it waits until it is in two zones.';
comment on column postgres.cluster.preferred_primary is 'The number of the member that is to lead whenever it can; -1: whichever does. NULL: as it is, at first whichever does.';
comment on column postgres.cluster.poolers is 'How many machines have a pooler, 1 to 4: 1 where nothing is said. NULL: on AWS there is none.';
comment on column postgres.cluster.image is 'The image of its machines: that of images/postgres-ha, where you have pushed it. NULL: on AWS there is none.';
comment on column postgres.cluster.memory_mb is 'The memory of each member''s machine, in MB: 512 where nothing is said. NULL: on AWS instance_class says it.';
comment on column postgres.cluster.instance_class is 'The hardware of each server of RDS, db.t4g.micro where nothing is said. NULL: it is of machines.';
comment on column postgres.cluster.version is 'The version of Postgres on AWS, in full, as in 16.4. Its first number stays. NULL: as it is, at first the newest that is usual; of machines the image says it.';
comment on column postgres.cluster.size_gb is 'The disk of each member, in GB: 1 where nothing is said, and on AWS 20. It grows.';
comment on column postgres.cluster.settings is 'Settings of Postgres, alike on all members: {"work_mem": "16MB"}. What needs a restart is restarted one member after the other. What holds the cluster together (port, ssl, wal_level, …) is the engine''s. On AWS they are a parameter group of RDS, in its words: numbers without units.';
comment on column postgres.cluster.databases is 'The databases that it has, beside postgres. The first one is what the pooler serves. Those that are taken out of the list stay. On AWS there is one.';
comment on column postgres.cluster.password is '@secret The password of the role pooler, as which clients come to the pooler; of ASCII signs. Only what it can be checked by gets to the pooler (SCRAM-SHA-256). On AWS it is that of the master user pooler. NULL: as it is, at first nobody can come in; on AWS RDS makes one, where there are no standbys.';
comment on column postgres.cluster.password_version is '@version Another one at each write of password.';
comment on column postgres.cluster.bucket is '@immutable The bucket in which is written down who leads, and no other cluster''s: of the app''s name where none is named. It stays. NULL: on AWS there is none.';
comment on column postgres.cluster.endpoint is '@immutable Where that bucket is reached: Tigris where nothing is said. It stays. NULL: on AWS there is none.';
comment on column postgres.cluster.access_key_id is 'With what members and the engine get to the bucket. NULL: members by a row of tigris.access_key, which has a key made for that bucket alone, and the engine by its own.';
comment on column postgres.cluster.secret_access_key is '@secret The secret of that key.';
comment on column postgres.cluster.secret_access_key_version is '@version Another one at each write of secret_access_key.';
comment on column postgres.cluster.key is '@secret What the cluster''s members, its pooler and the engine know each other by, from which the keys of its certificates follow. It is made where none is given, and stays.';
comment on column postgres.cluster.key_version is '@version Another one at each write of key.';
comment on column postgres.cluster.backup_schedule is '@exact When whoever leads makes a backup with pgBackRest, in UTC: minute, hour, day of the month, month and day of the week, as in 0 3 * * *, which is what it is where only backup_bucket is said. The log is archived all the time. NULL: no backups.';
comment on column postgres.cluster.backup_bucket is '@exact The bucket for backups, at the same endpoint and with the same key; one that is there. Where only backup_schedule is said it is the cluster''s own. NULL: no backups.';
comment on column postgres.cluster.backup_keep is 'How many backups are kept, each with the log from it on. Each is a whole one.';
comment on column postgres.cluster.restore_from is '@immutable @exact The backups that it begins with, instead of from nothing: what backup_url of their cluster says or said. Its roles, databases and jobs come along. It needs an access_key_id that reads that bucket, at the same endpoint. It stays.';
comment on column postgres.cluster.restore_to is '@immutable @exact As of when it begins with them. NULL: the newest that there is. It stays.';
comment on column postgres.cluster.host is '@cloud The name to connect to, at port 6432: psql "host=… port=6432 user=pooler dbname=main sslmode=verify-full sslrootcert=…"; on AWS at port 5432.';
comment on column postgres.cluster.authority is '@cloud The certificate that clients believe the pooler by, in PEM: what sslrootcert has to name. NULL: on AWS it is Amazon''s.';
comment on column postgres.cluster.primary_member is '@cloud The number of the member that leads.';
comment on column postgres.cluster.term is '@cloud How often another one has come to lead.';
comment on column postgres.cluster.last_failover_at is '@cloud When another one came to lead the last time.';
comment on column postgres.cluster.last_failover_from is '@cloud Who led before.';
comment on column postgres.cluster.last_failover_ms is '@cloud How long writes were away then.';
comment on column postgres.cluster.last_failover_planned is '@cloud Whether it was asked for.';
comment on column postgres.cluster.backup_url is '@cloud Where its backups are: what restore_from of another cluster is to say. Keep it: they stay when the cluster goes.';
comment on column postgres.cluster.last_backup_at is '@cloud When the last backup was over; observed.postgres_backup has all of them.';
comment on column postgres.cluster.backup_failure is '@cloud Why there is no newer one, or why the log is not archived. NULL: all is well.';
comment on column postgres.cluster.status is '@cloud creating, changing, steady (all members follow, and the pooler knows who leads), or what is not as it should be. On AWS: as its servers are.';

select iasql.register('postgres.cluster');

create table postgres.cluster_member (
  cluster text    not null references postgres.cluster (name) on update cascade on delete cascade,
  number  integer not null,
  app     text    not null,
  machine text    not null,
  primary key (cluster, number),
  foreign key (app, machine) references fly.machine (app, name) on update cascade
);

comment on table postgres.cluster_member is 'The members of a cluster, and the machine of each. A machine goes only when its member has left.';
comment on column postgres.cluster_member.cluster is '@part members The cluster.';
comment on column postgres.cluster_member.number is 'Its number, from 0 on.';
comment on column postgres.cluster_member.app is 'The app of its machine.';
comment on column postgres.cluster_member.machine is 'Its machine.';

-- What holds a cluster together, or would run something.
create function postgres.is_the_engines(setting text) returns boolean
language sql immutable
return setting ~ '^(iasql\.|ssl|archive|recovery|restore|unix_socket|krb|log_file|logging|include|primary|promote|synchronous_standby)'
  or setting in (
    'port', 'listen_addresses', 'wal_level', 'hot_standby', 'fsync', 'full_page_writes', 'wal_log_hints', 'max_wal_senders', 'max_replication_slots',
    'max_slot_wal_keep_size', 'wal_receiver_timeout', 'wal_sender_timeout', 'wal_receiver_status_interval', 'wal_retrieve_retry_interval',
    'data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file', 'cluster_name', 'event_source', 'password_encryption',
    'log_destination', 'log_directory', 'data_sync_retry', 'restart_after_crash', 'zero_damaged_pages', 'ignore_checksum_failure',
    'default_transaction_read_only', 'transaction_read_only', 'local_preload_libraries', 'session_preload_libraries', 'dynamic_library_path');
comment on function postgres.is_the_engines is 'Whether a setting is what members are kept together by, or where their files are: then no row says it.';

create function postgres.refuse_settings(settings jsonb) returns void
language plpgsql immutable as $$
declare
  said record;
begin
  -- what is no object of texts a rule of the table refuses
  if not iasql.are_tags(settings) then
    return;
  end if;
  for said in select s.key, s.value from jsonb_each_text(settings) as s order by s.key loop
    if said.key !~ '^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$' then
      raise exception 'a setting of Postgres has a name of small letters, digits and underscores, and not %', to_json(said.key)
        using errcode = 'invalid_parameter_value';
    elsif postgres.is_the_engines(said.key) then
      raise exception 'the setting % is the engine''s own', said.key
        using errcode = 'invalid_parameter_value', hint = 'By it the cluster is held together: leave it out of settings.';
    elsif postgres.held_by_standbys() ? said.key and said.value !~ '^[0-9]{1,9}$' then
      raise exception 'the setting % is a number, in digits', said.key using errcode = 'invalid_parameter_value';
    elsif said.value ~ '[[:cntrl:]]' then
      raise exception 'the value of the setting % has signs that can''t be printed', said.key using errcode = 'invalid_parameter_value';
    end if;
  end loop;
end
$$;
comment on function postgres.refuse_settings is 'Refuses settings that no row may say.';

-- What the other rows are made of is checked here first, so that it is refused in the words of this one.
create function postgres.begin_cluster() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  other text;
begin
  if new.name is null or new.name !~ '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' then
    raise exception 'a cluster''s name has 1 to 40 small letters, digits and hyphens, and begins with a letter' using errcode = 'check_violation';
  end if;
  perform postgres.refuse_settings(new.settings);
  perform postgres.refuse_columns(new);
  if new.provider = 'aws' then
    return postgres.begin_on_rds(new);
  end if;
  new.app := coalesce(new.app, new.name || '-' || left(replace(gen_random_uuid()::text, '-', ''), 6));
  new.region := coalesce(new.region, 'iad');
  new.poolers := coalesce(new.poolers, 1);
  new.image := coalesce(new.image, 'iasql/postgres-ha');
  new.memory_mb := coalesce(new.memory_mb, 512);
  new.size_gb := coalesce(new.size_gb, 1);
  new.bucket := coalesce(new.bucket, new.app);
  new.endpoint := coalesce(new.endpoint, 'https://fly.storage.tigris.dev');
  new.key := coalesce(new.key, replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
  -- of what is only referred to nothing is made; nor of a name that is taken, which the primary key says
  if new.reference_only or exists (select from postgres.cluster as c where c.name = new.name) then
    return new;
  end if;
  perform serverless.refuse_taken_bucket(new.bucket);
  other := (
    select 'cluster ' || c.name from postgres.cluster as c where c.app = new.app
    union all
    select 'machine ' || m.name from fly.machine as m where m.app = new.app and m.metadata ->> 'iasql_blueprint' is distinct from 'postgres.cluster'
    limit 1);
  if other is not null then
    raise exception 'the app % has the % already', new.app, other
      using errcode = 'unique_violation', hint = 'A cluster has an app of its own: name another one, or none.';
  end if;
  insert into fly.app (name) values (new.app) on conflict (name) do nothing;
  insert into tigris.bucket (name) values (new.bucket) on conflict (name) do nothing;
  if new.access_key_id is null then
    insert into tigris.access_key (name, app, bucket, access) values (new.app, new.app, new.bucket, 'write') on conflict do nothing;
  end if;
  perform postgres.tell_key(new.app, new.access_key_id, new.secret_access_key);
  perform postgres.tell(new.app, 'IASQL_CLUSTER_KEY', new.key);
  -- a password that nobody knows lets nobody in
  perform postgres.tell_password(new.app, coalesce(new.password, gen_random_uuid()::text));
  return new;
end
$$;
comment on function postgres.begin_cluster is 'Inserts the rows that a cluster refers to, and gives its machines what nobody is to read: a trigger.';

-- What is sealed already is there already.
create function postgres.tell(app text, name text, value text) returns void
language sql as $$
  insert into fly.secret (app, name, value)
  select tell.app, tell.name, tell.value
  where tell.value not like 'iasql:sealed:%'
  on conflict on constraint secret_pkey do update set value = excluded.value
$$;
comment on function postgres.tell is 'Has the machines of a cluster know a secret.';

create function postgres.tell_password(app text, password text) returns void
language plpgsql as $$
begin
  if password not like 'iasql:sealed:%' then
    -- what else there is has several spellings of the same (RFC 4013), of which a client sends one
    if length(password) <> octet_length(convert_to(password, 'UTF8')) then
      raise exception 'the password of a cluster is of ASCII signs' using errcode = 'check_violation';
    end if;
    perform postgres.tell(app, 'IASQL_POOLER_VERIFIER', serverless.verifier(password));
  end if;
end
$$;
comment on function postgres.tell_password is 'Has the pooler know by what its clients'' password is checked.';

create function postgres.tell_key(app text, access_key_id text, secret_access_key text) returns void
language plpgsql as $$
begin
  if secret_access_key not like 'iasql:sealed:%' then
    perform serverless.give_key(app, access_key_id, secret_access_key);
  end if;
end
$$;
comment on function postgres.tell_key is 'Has the machines of a cluster have a key to the bucket, where one is said.';

create function postgres.change_cluster() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  stray text := concat_ws(
    ', ', serverless.changed(to_jsonb(old), to_jsonb(new), array['name', 'app', 'provider', 'region', 'bucket', 'endpoint']),
    -- one that comes sealed is the same, sealed anew
    case when new.key <> old.key and new.key not like 'iasql:sealed:%' then 'key' end);
begin
  if old.reference_only or new.reference_only then
    return new;
  end if;
  if stray <> '' then
    raise exception 'of a cluster % can''t be changed', stray
      using errcode = 'invalid_parameter_value', hint = 'Insert another one, and take what is in it along with pg_dump.';
  end if;
  perform postgres.refuse_columns(new);
  if new.size_gb < old.size_gb then
    raise exception 'a disk of % GB does not become smaller', old.size_gb using errcode = 'invalid_parameter_value', hint = 'Volumes only grow.';
  end if;
  perform postgres.refuse_settings(new.settings);
  if new.provider = 'aws' then
    return postgres.change_on_rds(old, new);
  end if;
  perform postgres.refuse_smaller(old, new);
  new.key := coalesce(new.key, old.key);
  if new.password is distinct from old.password then
    perform postgres.tell_password(new.app, new.password);
  end if;
  if new.secret_access_key is distinct from old.secret_access_key then
    perform postgres.tell_key(new.app, new.access_key_id, new.secret_access_key);
  end if;
  return new;
end
$$;
comment on function postgres.change_cluster is 'Refuses what stays as it is, and tells the machines of other secrets: a trigger.';

create function postgres.volume_of(app text, number integer) returns text
language sql immutable
return format('pg_%s_%s', left(md5(app), 16), number);
comment on function postgres.volume_of is 'What the volume of a member is called.';

create function postgres.pooler_named(number integer) returns text
language sql immutable
return 'pooler' || case when number > 1 then '-' || number else '' end;
comment on function postgres.pooler_named is 'What the machine of a pooler is called.';

-- What others have changed in these rows stays, but for what the cluster's row says.
create function postgres.expand_cluster() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  about  jsonb := jsonb_build_object('iasql_blueprint', 'postgres.cluster', 'iasql_cluster', new.name);
  common jsonb := jsonb_build_object(
    -- a cluster that is made anew has nothing to do with what is written there of the one before
    'IASQL_CLUSTER_NAME', new.name, 'IASQL_CLUSTER_BUCKET', format('s3://%s/%s', new.bucket, new.row_id),
    'AWS_REGION', 'auto', 'AWS_ENDPOINT_URL', new.endpoint);
begin
  if new.reference_only or new.provider = 'aws' then
    return null;
  end if;
  insert into fly.volume as v (name, app, region, size_gb)
  select postgres.volume_of(new.app, n.number), new.app, new.region, new.size_gb
  from generate_series(0, new.standbys) as n (number)
  on conflict (name) do update set size_gb = excluded.size_gb
  where v.size_gb < excluded.size_gb;
  insert into fly.machine as m (app, name, region, image, memory_mb, env, volume, mount_path, restart_policy, stop_signal, stop_seconds, checks, rolls_with, metadata)
  select
    new.app, 'm' || n.number, new.region, new.image, new.memory_mb, common || jsonb_build_object('IASQL_CLUSTER_NUMBER', n.number::text),
    -- who leads hands over before it stops
    postgres.volume_of(new.app, n.number), '/data', 'always', 'SIGTERM', 60,
    '{"server": {"type": "tcp", "port": 5433, "interval": "5s", "timeout": "2s", "grace_period": "10s"}}', 'members', about
  from generate_series(0, new.standbys) as n (number)
  on conflict (app, name) do update set image = excluded.image, memory_mb = excluded.memory_mb, env = m.env || excluded.env
  where (m.image, m.memory_mb, m.env) is distinct from (excluded.image, excluded.memory_mb, m.env || excluded.env);
  insert into fly.ip_address (app, kind) values (new.app, 'v6') on conflict (app, kind) do nothing;
  insert into fly.machine as m (app, name, region, image, memory_mb, env, restart_policy, stop_signal, stop_seconds, services, rolls_with, metadata)
  select
    new.app, postgres.pooler_named(n.number), new.region, new.image, 256,
    common || jsonb_build_object('IASQL_POOLER_DATABASE', new.databases[1], 'IASQL_POOLER_NAMES', format('%s.fly.dev,%1$s.internal', new.app)),
    'always', 'SIGTERM', 60,
    '[{"protocol": "tcp", "internal_port": 6432, "autostop": "off", "ports": [{"port": 6432}]}]', 'poolers', about
  from generate_series(1, new.poolers) as n (number)
  on conflict (app, name) do update set image = excluded.image, env = m.env || excluded.env
  where (m.image, m.env) is distinct from (excluded.image, m.env || excluded.env);
  insert into postgres.cluster_member (cluster, number, app, machine)
  select new.name, n.number, new.app, 'm' || n.number
  from generate_series(0, new.standbys) as n (number)
  on conflict (cluster, number) do nothing;
  delete from postgres.cluster_member as c where c.cluster = new.name and c.number > new.standbys;
  delete from fly.machine as m where m.app = new.app and m.name ~ '^m[0-9]$' and substr(m.name, 2)::integer > new.standbys;
  delete from fly.machine as m using generate_series(new.poolers + 1, 4) as n (number)
  where m.app = new.app and m.name = postgres.pooler_named(n.number);
  delete from fly.volume as v using generate_series(new.standbys + 1, 8) as n (number)
  where v.app = new.app and v.name = postgres.volume_of(new.app, n.number);
  return null;
end
$$;
comment on function postgres.expand_cluster is 'Has the machines of a cluster and their relatives be as its row says: a trigger.';

create function postgres.end_cluster() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if not old.reference_only and old.provider = 'aws' then
    perform postgres.end_on_rds(old);
  elsif not old.reference_only then
    perform serverless.drop_machine(old.app);
  end if;
  return null;
end
$$;
comment on function postgres.end_cluster is 'Deletes the rows that a cluster was made of, but for the bucket: a trigger.';

create trigger begin_cluster before insert on postgres.cluster for each row execute function postgres.begin_cluster();
create trigger change_cluster before update on postgres.cluster for each row execute function postgres.change_cluster();
create trigger expand_cluster after insert or update on postgres.cluster for each row execute function postgres.expand_cluster();
create trigger end_cluster after delete on postgres.cluster for each row execute function postgres.end_cluster();

select iasql.register('postgres.cluster_member');
