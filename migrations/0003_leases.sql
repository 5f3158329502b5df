-- One reconciler per database. The only clock in this is that of this server.

create table control.lease (
  database text primary key references control.database (name) on delete cascade on update cascade,
  holder text,
  counter bigint not null,
  expires_at timestamptz not null
);
comment on table control.lease is 'Who may change things for a database now.';
comment on column control.lease.database is 'The database.';
comment on column control.lease.holder is 'The engine that holds it. Null: it was given back.';
comment on column control.lease.counter is 'Grows with every new holder and never shrinks; every commit of a reconciler carries it.';
comment on column control.lease.expires_at is 'When anybody may take it, unless its holder renews it before.';
