-- A version of a database in the gateway's bucket: one comes each time that a database falls asleep.

create table gateway.version (
  domain       text   not null default 'db.localhost',
  database     text   not null,
  number       bigint not null,
  kind         text,
  created_at   timestamptz,
  made_by      text,
  size_bytes   bigint,
  stored_bytes bigint,
  primary key (domain, database, number)
);

comment on table gateway.version is 'A version of a database in the gateway''s bucket. It can only be referred to: which there are stands in observed.gateway_version. A row of gateway.pin keeps one.';
comment on column gateway.version.domain is '@immutable The domain of the database.';
comment on column gateway.version.database is '@immutable The database, by its name.';
comment on column gateway.version.number is '@immutable Its number: later ones are higher, and some are left out.';
comment on column gateway.version.kind is '@cloud What made it: version (it fell asleep, or was uploaded), restored or branched.';
comment on column gateway.version.created_at is '@cloud When it was made.';
comment on column gateway.version.made_by is '@cloud Which gateway, by its name in leases.';
comment on column gateway.version.size_bytes is '@cloud All its files together.';
comment on column gateway.version.stored_bytes is '@cloud What of the bucket it stands on; versions share it.';

select iasql.register('gateway.version');

alter table gateway.version
  alter column reference_only set default true,
  add constraint a_version_can_only_be_referred_to check (reference_only);
