-- A pin: the version that it is on is kept, whatever becomes of others.

create table gateway.pin (
  domain   text   not null default 'db.localhost',
  database text   not null,
  name     text   not null,
  version  bigint,
  state    text,
  pin_id   text,
  primary key (domain, database, name),
  foreign key (domain, database) references gateway.database (domain, name) on update cascade,
  constraint a_pin_s_name_has_1_to_63_characters
    check (length(name) between 1 and 63),
  constraint a_version_is_a_number_from_1_on
    check (version >= 1)
);

comment on table gateway.pin is 'A pin on a version of a database: that version is kept until the pin''s row is deleted. Others go after a week.';
comment on column gateway.pin.domain is '@immutable The domain of the database.';
comment on column gateway.pin.database is '@immutable @cascade The database.';
comment on column gateway.pin.name is '@immutable What it is called.';
comment on column gateway.pin.version is '@immutable The version, as in observed.gateway_version. NULL: the newest there is when a gateway comes to it.';
comment on column gateway.pin.state is '@cloud wanted (a gateway does it within seconds), pinned, or why it is not.';
comment on column gateway.pin.pin_id is '@identity What it is called in the bucket.';

create function gateway.pin_what_has_versions() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  read text := (select d.replica_of from gateway.database as d where d.domain = new.domain and d.name = new.database);
begin
  if read is not null then
    raise exception 'the database % is a replica of %, and has no versions of its own', new.database, read
      using errcode = 'invalid_parameter_value', hint = 'Pin a version of that one.';
  end if;
  return new;
end
$$;
comment on function gateway.pin_what_has_versions is 'Refuses pins on replicas.';

create trigger pin_what_has_versions before insert or update of domain, database on gateway.pin
  for each row execute function gateway.pin_what_has_versions();

select iasql.register('gateway.pin');
