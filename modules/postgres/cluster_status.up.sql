-- How clusters are: a row for each member.

create view postgres.cluster_status with (security_invoker = true) as
select
  c.name as cluster,
  case c.provider when 'aws' then (select s.status from postgres.state_on_rds(c.region, c.name, c.standbys) as s) else c.status end as status,
  c.term,
  m.number as member,
  m.role,
  m.reachable,
  m.lag_bytes,
  m.timeline,
  m.server_version,
  floor(extract(epoch from m.certificate_until - now()) / 86400)::integer as certificate_days,
  c.last_failover_at,
  c.last_failover_from,
  c.last_failover_ms,
  c.last_failover_planned,
  c.last_backup_at,
  c.backup_failure,
  c.observed_at
from observed.postgres_cluster as c
left join lateral (
  select o.number, o.role, o.reachable, o.lag_bytes, o.timeline, o.server_version, o.certificate_until
  from observed.postgres_member as o
  where o.cluster = c.name
  union all
  select r.number, r.role, r.status = 'available', null, null, r.server_version, null
  from postgres.members_on_rds(c.region, c.name) as r
  where c.provider = 'aws') as m on true
order by c.name, m.number;

comment on view postgres.cluster_status is 'How clusters are, a row for each member, as of the last time that the engine has read it (iasql.refresh, iasql.check).';
comment on column postgres.cluster_status.cluster is 'The cluster.';
comment on column postgres.cluster_status.status is 'creating, changing, steady, or what is not as it should be.';
comment on column postgres.cluster_status.term is 'How often another one has come to lead.';
comment on column postgres.cluster_status.member is 'The number of a member. On AWS the server with the cluster''s name is 0.';
comment on column postgres.cluster_status.role is 'primary, standby, coming or leaving.';
comment on column postgres.cluster_status.reachable is 'Whether its agent answers; on AWS whether it is available.';
comment on column postgres.cluster_status.lag_bytes is 'How much of the primary''s log it has not replayed, in whole megabytes. On AWS nobody says so.';
comment on column postgres.cluster_status.timeline is 'The timeline that it is on.';
comment on column postgres.cluster_status.server_version is 'The version of its Postgres.';
comment on column postgres.cluster_status.certificate_days is 'For how many days its certificate is valid. It is renewed before.';
comment on column postgres.cluster_status.last_failover_at is 'When another one came to lead the last time.';
comment on column postgres.cluster_status.last_failover_from is 'Who led before.';
comment on column postgres.cluster_status.last_failover_ms is 'How long writes were away then.';
comment on column postgres.cluster_status.last_failover_planned is 'Whether it was asked for.';
comment on column postgres.cluster_status.last_backup_at is 'When the last backup was over.';
comment on column postgres.cluster_status.backup_failure is 'Why there is no newer one, or why the log is not archived.';
comment on column postgres.cluster_status.observed_at is 'When the cluster was last another one.';

-- a tenant who comes later is let in by this, one who is here already at once
create function iasql.admit_to_what_postgres_added(tenant text) returns void
language plpgsql as $$
begin
  execute format('grant select on postgres.cluster_status to %I', tenant);
end
$$;
comment on function iasql.admit_to_what_postgres_added is 'Lets the tenant see how clusters are.';

do $$
begin
  if iasql.setting('tenant') is not null then
    perform iasql.admit_to_what_postgres_added(iasql.setting('tenant'));
  end if;
end
$$;
