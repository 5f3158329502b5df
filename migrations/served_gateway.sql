-- The gateways and nodes that others reach: whoever asks one of them to cancel what a session of another one does is led there, and a gateway without
-- databases of its own leads to one that runs some.

create table control.served_gateway (
  number integer primary key,
  holder text not null,
  address text not null,
  runs_databases boolean not null,
  location text,
  bucket uuid not null,
  seen_at timestamptz not null default clock_timestamp(),
  constraint a_gateway_has_a_number_from_1_to_1023 check (number between 1 and 1023),
  constraint one_gateway_of_a_name unique (holder)
);
comment on table control.served_gateway is 'A gateway or node that was there lately.';
comment on column control.served_gateway.number is 'What stands in the keys that it gives its clients to cancel with.';
comment on column control.served_gateway.holder is 'Its name in leases.';
comment on column control.served_gateway.address is 'Where others reach it: host and port; empty where it was started without --advertise.';
comment on column control.served_gateway.runs_databases is 'Whether it starts databases that nobody has: not where it leads to nodes only, and not while it stops.';
comment on column control.served_gateway.location is 'Where it is; databases that are to be elsewhere are not run there. NULL: it has not said.';
comment on column control.served_gateway.bucket is 'The name that its bucket has of its own, or the holder''s where it has none: a database in another one is another database.';
comment on column control.served_gateway.seen_at is 'When it was last there.';
