-- The certificates that gateways order by ACME, and with what accounts.

create table control.served_order (
  domain text primary key,
  database text not null,
  owner text not null,
  issuer text not null,
  contact text,
  state text not null default 'wanted',
  failures integer not null default 0,
  not_until timestamptz not null default clock_timestamp(),
  answers text[] not null default '{}',
  looked_at timestamptz,
  held_by uuid,
  held_until timestamptz,
  constraint an_order_goes_with_its_domain
    foreign key (domain, database) references control.served_domain (domain, database) on delete cascade on update cascade,
  constraint who_holds_an_order_holds_it_until_a_time check ((held_by is null) = (held_until is null))
);
comment on table control.served_order is 'A certificate that a gateway orders, and orders again before it is over: rows of gateway.certificate with an issuer, as the engine has noted them. One is ordered at a time, over all gateways.';
comment on column control.served_order.domain is 'The domain: all names right below it are ordered.';
comment on column control.served_order.database is 'The user''s database whose row it is.';
comment on column control.served_order.owner is 'That row, as an ownership tag.';
comment on column control.served_order.issuer is 'Whom to order from: letsencrypt, letsencrypt-staging, or the URL of an ACME directory.';
comment on column control.served_order.contact is 'Whom the issuer may write to. NULL: nobody.';
comment on column control.served_order.state is 'wanted, ordered, valid, or why it is not.';
comment on column control.served_order.failures is 'How often in a row it has failed.';
comment on column control.served_order.not_until is 'When it is next ordered: at once, after a pause, or when a third of what is valid is left.';
comment on column control.served_order.answers is 'What the gateways'' DNS says at _acme-challenge.<domain> while it is being ordered.';
comment on column control.served_order.looked_at is 'When a gateway that orders certificates last saw it while it was wanted, to within seconds. NULL: none has.';
comment on column control.served_order.held_by is 'The gateway that is ordering it. NULL: none.';
comment on column control.served_order.held_until is 'Until when it has it for itself, where it does not say so again.';

create index orders_of_a_user on control.served_order (database);
comment on index control.orders_of_a_user is 'What a user''s rows have ordered.';

create table control.served_account (
  directory text primary key,
  sealed text not null,
  contacts text[] not null,
  made_at timestamptz not null default clock_timestamp()
);
comment on table control.served_account is 'The account that all gateways have at an authority: one for each ACME directory.';
comment on column control.served_account.directory is 'The URL of the directory.';
comment on column control.served_account.sealed is 'The account with its key, sealed by a gateway for itself and the others: without the engine''s key nobody reads it.';
comment on column control.served_account.contacts is 'Whom the authority may write to, as it was last told.';
comment on column control.served_account.made_at is 'Since when.';
