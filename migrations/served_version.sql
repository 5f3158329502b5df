-- The versions of the databases that the gateway serves, as it has them in its bucket, and which of them are to be kept.

create table control.served_version (
  served uuid not null references control.served (id) on delete cascade,
  number bigint not null,
  kind text not null,
  made_at timestamptz not null,
  made_by text not null,
  size_bytes bigint not null,
  stored_bytes bigint not null,
  primary key (served, number)
);
comment on table control.served_version is 'A version of a served database in the gateway''s bucket, as a gateway has told of it.';
comment on column control.served_version.served is 'Of which database.';
comment on column control.served_version.number is 'Its number: later ones are higher.';
comment on column control.served_version.kind is 'What made it: version, restored or branched.';
comment on column control.served_version.made_at is 'When, by the clock of the gateway that made it.';
comment on column control.served_version.made_by is 'That gateway''s name in leases.';
comment on column control.served_version.size_bytes is 'All its files together.';
comment on column control.served_version.stored_bytes is 'What of the bucket it stands on; versions share it.';

create table control.served_pin (
  id uuid primary key default gen_random_uuid(),
  served uuid not null references control.served (id) on delete cascade,
  name text not null,
  owner text not null,
  number bigint,
  state text not null default 'wanted',
  gone_at timestamptz
);
comment on table control.served_pin is 'A version that is kept whatever becomes of others: rows of gateway.pin, as the engine has noted them and a gateway carries them out.';
comment on column control.served_pin.id is 'What it is called in the bucket.';
comment on column control.served_pin.served is 'Of which database.';
comment on column control.served_pin.name is 'What its row calls it.';
comment on column control.served_pin.owner is 'That row, as an ownership tag.';
comment on column control.served_pin.number is 'The version. NULL: the newest there is when a gateway comes to it.';
comment on column control.served_pin.state is 'wanted, perhaps with what is in its way, pinned, or why it is not.';
comment on column control.served_pin.gone_at is 'When its row was deleted: a gateway lets go of it.';

create unique index one_pin_of_a_name on control.served_pin (served, name) where gone_at is null;
comment on index control.one_pin_of_a_name is 'A name is free again when its pin is gone.';
create index pins_to_carry_out on control.served_pin (id) where state like 'wanted%' or gone_at is not null;
comment on index control.pins_to_carry_out is 'What gateways look for every few seconds.';
