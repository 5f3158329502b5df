-- A cluster on AWS: a server of RDS with a standby in another zone, and read replicas of it. The tables of the module rds are there only where somebody has
-- installed it, so nothing here looks for them before it runs.

create function postgres.begin_on_rds(cluster postgres.cluster) returns postgres.cluster
language plpgsql as $$
begin
  cluster.region := coalesce(cluster.region, iasql.default_region());
  cluster.instance_class := coalesce(cluster.instance_class, 'db.t4g.micro');
  cluster.size_gb := coalesce(cluster.size_gb, 20);
  if cluster.reference_only or exists (select from postgres.cluster as c where c.name = cluster.name) then
    return cluster;
  end if;
  if to_regclass('rds.db_instance') is null then
    raise exception 'a cluster on AWS needs the module rds, which this database does not have'
      using errcode = 'undefined_table', hint = 'Whoever made the database gives it that: iasql setup <database> --modules postgres,rds.';
  end if;
  perform postgres.refuse_on_rds(cluster);
  if exists (select from rds.db_instance as i where i.region = cluster.region and i.name ~ postgres.names_on_rds(cluster.name)) then
    raise exception 'RDS has a server % already', cluster.name
      using errcode = 'unique_violation', hint = 'The servers of a cluster have its name, and its name and a number: name it otherwise.';
  end if;
  perform postgres.expand_on_rds(cluster);
  return cluster;
end
$$;
comment on function postgres.begin_on_rds is 'Refuses what can be no cluster on RDS, says what the row does not, and inserts the rows that it is made of.';

create function postgres.names_on_rds(cluster text) returns text
language sql immutable
return format('^%s(-[1-8])?$', cluster);
comment on function postgres.names_on_rds is 'What the servers of a cluster are called, as a pattern: the first has its name, each replica its name and a number.';

create function postgres.refuse_on_rds(cluster postgres.cluster) returns void
language plpgsql as $$
declare
  unit text := (select min(s.key) from jsonb_each_text(cluster.settings) as s where s.value ~* '^[0-9.]+ *(b|kb|mb|gb|tb|us|ms|s|min|h|d)$');
begin
  if cardinality(cluster.databases) <> 1 then
    raise exception 'a cluster on AWS has one database' using errcode = 'invalid_parameter_value', hint = 'Make others inside of it: create database.';
  elsif cluster.settings <> '{}' and cluster.version is null then
    raise exception 'settings on AWS need a version of Postgres'
      using errcode = 'invalid_parameter_value', hint = 'A parameter group is of one: say version = ''16.4''.';
  elsif unit is not null then
    raise exception 'the setting % has a unit', unit
      using errcode = 'invalid_parameter_value', hint = 'RDS writes numbers without: work_mem in kB, shared_buffers in 8 kB.';
  -- https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
  elsif cluster.standbys > 0 and cluster.password is null then
    raise exception 'standbys on AWS need a password'
      using errcode = 'invalid_parameter_value', hint = 'RDS makes no replicas of a server whose password it keeps itself: name one, or standbys = 0.';
  end if;
end
$$;
comment on function postgres.refuse_on_rds is 'Refuses what RDS has not.';

create function postgres.change_on_rds(was postgres.cluster, cluster postgres.cluster) returns postgres.cluster
language plpgsql as $$
declare
  minor boolean;
begin
  cluster.version := coalesce(cluster.version, was.version);
  cluster.password := coalesce(cluster.password, was.password);
  perform postgres.refuse_on_rds(cluster);
  if cluster.databases <> was.databases then
    raise exception 'of a cluster on AWS databases can''t be changed'
      using errcode = 'invalid_parameter_value', hint = 'Make others inside of it: create database.';
  elsif split_part(cluster.version, '.', 1) <> split_part(was.version, '.', 1) then
    raise exception 'a cluster on AWS stays with Postgres %', split_part(was.version, '.', 1)
      using errcode = 'invalid_parameter_value', hint = 'Insert another one, and take what is in it along with pg_dump.';
  -- https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MinorVersion.html
  elsif cluster.version <> was.version and postgres.follows_older(cluster) then
    raise exception 'the replicas of % are older than %, and RDS wants them to be so first', cluster.name, cluster.version
      using errcode = 'invalid_parameter_value',
            hint = format('update rds.db_instance set engine_version = %L where replicate_source = %L; check; then say it here.', cluster.version, cluster.name);
  end if;
  -- before the password is sealed; and what is only filled by the cloud asks for nothing
  if postgres.is_otherwise_on_rds(was, cluster) then
    perform postgres.expand_on_rds(cluster);
  end if;
  -- the engine has no row of its own for this, and so writes it at each check
  select s.host, s.status into cluster.host, cluster.status from postgres.state_on_rds(cluster.region, cluster.name, cluster.standbys) as s;
  return cluster;
end
$$;
comment on function postgres.change_on_rds is 'Refuses what stays as it is, changes the rows that it is made of, and fills what is known of the servers.';

create function postgres.follows_older(cluster postgres.cluster) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from observed.rds_db_instance as i
    where i.region = cluster.region and i.name <> cluster.name and i.name ~ postgres.names_on_rds(cluster.name)
      and i.engine_version is distinct from cluster.version);
end
$$;
comment on function postgres.follows_older is 'Whether a replica that is there has another version than the cluster is to have.';

create function postgres.is_otherwise_on_rds(was postgres.cluster, cluster postgres.cluster) returns boolean
language sql immutable
return
  (was.standbys, was.instance_class, was.size_gb, was.version, was.settings, was.password)
  is distinct from (cluster.standbys, cluster.instance_class, cluster.size_gb, cluster.version, cluster.settings, cluster.password);
comment on function postgres.is_otherwise_on_rds is 'Whether a change is one of the servers.';

-- Its settings are parameters of its own; where there are none any more it has the engine's own again.
create function postgres.parameters_on_rds(cluster postgres.cluster) returns text
language plpgsql as $$
declare
  family text := 'postgres' || split_part(cluster.version, '.', 1);
  own    text := format('%s-%s', cluster.name, family);
  has    text := (select i.db_parameter_group from rds.db_instance as i where i.region = cluster.region and i.name = cluster.name);
begin
  if cluster.settings = '{}' and has is distinct from own then
    return has;
  elsif cluster.settings = '{}' then
    insert into rds.db_parameter_group (region, name, family, reference_only) values (cluster.region, 'default.' || family, family, true)
    on conflict (region, name) do nothing;
    return 'default.' || family;
  end if;
  insert into rds.db_parameter_group (region, name, family) values (cluster.region, own, family) on conflict (region, name) do nothing;
  delete from rds.db_parameter_group_parameter as p
  where p.region = cluster.region and p.db_parameter_group = own and not cluster.settings ? p.name;
  insert into rds.db_parameter_group_parameter as p (region, db_parameter_group, name, value)
  select cluster.region, own, s.key, s.value
  from jsonb_each_text(cluster.settings) as s
  on conflict (region, db_parameter_group, name) do update set value = excluded.value where p.value <> excluded.value;
  return own;
end
$$;
comment on function postgres.parameters_on_rds is 'Has the settings of a cluster be a parameter group; answers which one its servers have. NULL: the engine''s own.';

-- What others have changed in these rows stays, but for what the cluster's row says.
create function postgres.expand_on_rds(cluster postgres.cluster) returns void
language plpgsql as $$
declare
  parameters text := postgres.parameters_on_rds(cluster);
  -- what is sealed already is there already
  given      text := case when cluster.password not like 'iasql:sealed:%' then cluster.password end;
begin
  -- there are no replicas of what has no backups
  insert into rds.db_instance as i (
    region, name, engine, engine_version, db_instance_class, allocated_storage, storage_type, storage_encrypted, master_username, master_user_password,
    db_name, multi_az, publicly_accessible, auto_minor_version_upgrade, backup_retention_period, db_parameter_group)
  values (
    cluster.region, cluster.name, 'postgres', cluster.version, cluster.instance_class, cluster.size_gb, 'gp3', true, 'pooler', given,
    cluster.databases[1], true, false, cluster.version is null, 7, parameters)
  on conflict (region, name) do update
  set engine_version = coalesce(excluded.engine_version, i.engine_version), db_instance_class = excluded.db_instance_class,
      allocated_storage = greatest(excluded.allocated_storage, i.allocated_storage), db_parameter_group = excluded.db_parameter_group,
      master_user_password = coalesce(excluded.master_user_password, i.master_user_password);
  insert into rds.db_instance as i (
    region, name, engine, db_instance_class, allocated_storage, replicate_source, multi_az, publicly_accessible, auto_minor_version_upgrade,
    db_parameter_group)
  select
    cluster.region, format('%s-%s', cluster.name, n.number), 'postgres', cluster.instance_class, cluster.size_gb, cluster.name, false, false,
    cluster.version is null, parameters
  from generate_series(1, cluster.standbys) as n (number)
  on conflict (region, name) do update
  set db_instance_class = excluded.db_instance_class, allocated_storage = greatest(excluded.allocated_storage, i.allocated_storage),
      db_parameter_group = excluded.db_parameter_group;
  delete from rds.db_instance as i using generate_series(cluster.standbys + 1, 8) as n (number)
  where i.region = cluster.region and i.name = format('%s-%s', cluster.name, n.number) and i.replicate_source = cluster.name;
  delete from rds.db_parameter_group as g
  where g.region = cluster.region and g.name ~ format('^%s-postgres[0-9]+$', cluster.name) and cluster.settings = '{}';
end
$$;
comment on function postgres.expand_on_rds is 'Has the servers of RDS be as a cluster''s row says.';

-- Replicas go before what they follow.
create function postgres.end_on_rds(cluster postgres.cluster) returns void
language plpgsql as $$
begin
  if to_regclass('rds.db_instance') is null then
    return;
  end if;
  delete from rds.db_instance as i
  where i.region = cluster.region and i.name ~ postgres.names_on_rds(cluster.name) and i.replicate_source = cluster.name;
  delete from rds.db_instance as i where i.region = cluster.region and i.name = cluster.name;
  delete from rds.db_parameter_group as g where g.region = cluster.region and g.name ~ format('^%s-postgres[0-9]+$', cluster.name);
end
$$;
comment on function postgres.end_on_rds is 'Deletes the rows that a cluster on AWS was made of.';

create function postgres.members_on_rds(region text, cluster text)
returns table (number integer, role text, status text, server_version text, host text)
language plpgsql stable as $$
#variable_conflict use_column
begin
  if to_regclass('observed.rds_db_instance') is null then
    return;
  end if;
  return query
    select
      coalesce(nullif(substr(i.name, length(members_on_rds.cluster) + 2), ''), '0')::integer,
      case when i.name = members_on_rds.cluster then 'primary' else 'standby' end,
      i.status, i.engine_version, i.endpoint_address
    from observed.rds_db_instance as i
    where i.region = members_on_rds.region and i.name ~ postgres.names_on_rds(members_on_rds.cluster);
end
$$;
comment on function postgres.members_on_rds is 'The servers of a cluster on AWS, as they were last seen: the first is 0.';

create function postgres.state_on_rds(region text, cluster text, standbys integer) returns table (host text, status text)
language sql stable as $$
  select
    max(m.host) filter (where w.number = 0),
    coalesce(
      min(format('server %s is %s', w.number, coalesce(m.status, 'to come'))) filter (where m.status is distinct from 'available'),
      min(format('server %s is leaving', m.number)) filter (where w.number is null),
      'steady')
  from generate_series(0, state_on_rds.standbys) as w (number)
  full join postgres.members_on_rds(state_on_rds.region, state_on_rds.cluster) as m on m.number = w.number
$$;
comment on function postgres.state_on_rds is 'How a cluster on AWS is reached, and steady or the first thing in which it is not as it is to be.';
