-- A member of a cluster, as an engine sees it.

create table postgres.member (
  cluster           text    not null,
  number            integer not null,
  role              text,
  reachable         boolean,
  lag_bytes         bigint,
  timeline          bigint,
  server_version    text,
  certificate_until timestamptz,
  primary key (cluster, number)
);

comment on table postgres.member is 'A member of a cluster, as an engine sees it. It can only be referred to: which there are stands in observed.postgres_member, and postgres.cluster_status shows them.';
comment on column postgres.member.cluster is '@immutable The cluster, by its name.';
comment on column postgres.member.number is '@immutable Its number.';
comment on column postgres.member.role is '@cloud primary, standby, coming (it has not all that the others have) or leaving.';
comment on column postgres.member.reachable is '@cloud Whether its agent answers.';
comment on column postgres.member.lag_bytes is '@cloud How much of the primary''s log it has not replayed, in whole megabytes.';
comment on column postgres.member.timeline is '@cloud The timeline that it is on.';
comment on column postgres.member.server_version is '@cloud The version of its Postgres.';
comment on column postgres.member.certificate_until is '@cloud Until when its certificate is valid. It is renewed before.';

select iasql.register('postgres.member');

alter table postgres.member
  alter column reference_only set default true,
  add constraint a_member_can_only_be_referred_to check (reference_only);
