-- The machines on which databases run that have one of their own, and with what gateways are known there.

create table control.served_machine (
  machine text primary key,
  database text not null references control.database (name) on delete cascade on update cascade,
  owner text not null,
  version uuid not null,
  sealed text not null,
  sealed_with text not null,
  changed_at timestamptz not null default clock_timestamp(),
  constraint a_machine_is_an_app_and_a_machine_of_it check (machine like '%_/_%')
);
comment on table control.served_machine is 'A machine on which a database runs that has one of its own: rows of gateway.machine, as the engine has carried them out.';
comment on column control.served_machine.machine is 'Where it is, as <app>/<machine>.';
comment on column control.served_machine.database is 'The user''s database whose row it is.';
comment on column control.served_machine.owner is 'That row, as an ownership tag.';
comment on column control.served_machine.version is 'Another one at each write of the key.';
comment on column control.served_machine.sealed is 'What gateways are known by there, sealed by the engine for itself and its gateways.';
comment on column control.served_machine.sealed_with is 'What the key is told by that it is sealed with. It tells nothing of the key.';
comment on column control.served_machine.changed_at is 'When it was last another one.';
