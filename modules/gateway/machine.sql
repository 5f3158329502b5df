-- A Fly machine on which one database runs, and by what gateways are known there.

create table gateway.machine (
  name        text not null primary key,
  key         text,
  key_version uuid,
  constraint a_machine_is_an_app_and_a_machine_of_it
    check (name ~ '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_key_has_at_least_32_characters
    check (length(key) >= 32)
);

comment on table gateway.machine is 'A Fly machine on which an iasql instance runs one database, and by what gateways are known there. They start it when somebody calls.';
comment on column gateway.machine.name is '@immutable Where it is, as <app>/<machine>.';
comment on column gateway.machine.key is '@secret What gateways and the instance know each other by; the instance has the same in IASQL_INSTANCE_KEY.';
comment on column gateway.machine.key_version is '@version Another one at each write of key.';

select iasql.register('gateway.machine');
