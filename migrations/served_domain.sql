-- The domains below which the gateway serves databases, and what it shows who comes there.

create table control.served_domain (
  domain text not null,
  database text not null references control.database (name) on delete cascade on update cascade,
  owner text not null,
  shared boolean not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (domain, database),
  constraint a_domain_is_in_small_letters check (domain = lower(domain) and domain <> '')
);
comment on table control.served_domain is 'Who may have databases below a domain: rows of gateway.domain, as the engine has carried them out.';
comment on column control.served_domain.domain is 'The domain: db.example.com.';
comment on column control.served_domain.database is 'The user''s database whose row it is.';
comment on column control.served_domain.owner is 'That row, as an ownership tag.';
comment on column control.served_domain.shared is 'Whether other users'' databases may have databases below it too. All who have it say so, or there is but one.';
comment on column control.served_domain.made_at is 'Since when.';

create table control.served_certificate (
  domain text primary key,
  database text not null,
  owner text not null,
  version uuid not null,
  sealed text not null,
  sealed_with text not null,
  fingerprint text not null,
  names text[] not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  changed_at timestamptz not null default clock_timestamp(),
  constraint a_certificate_goes_with_its_domain
    foreign key (domain, database) references control.served_domain (domain, database) on delete cascade on update cascade
);
comment on table control.served_certificate is 'What the gateway shows who comes to a domain: rows of gateway.certificate, as the engine has carried them out.';
comment on column control.served_certificate.domain is 'The domain.';
comment on column control.served_certificate.database is 'The user''s database whose row it is.';
comment on column control.served_certificate.owner is 'That row, as an ownership tag.';
comment on column control.served_certificate.version is 'Another one at each write of key and chain.';
comment on column control.served_certificate.sealed is 'Key and chain, sealed by the engine for itself and its gateways: without the engine''s key nobody reads it.';
comment on column control.served_certificate.sealed_with is 'What the key is told by that it is sealed with. It tells nothing of the key.';
comment on column control.served_certificate.fingerprint is 'The first certificate''s SHA-256, in hexadecimal digits.';
comment on column control.served_certificate.names is 'The names that it is for.';
comment on column control.served_certificate.not_before is 'From when it is valid.';
comment on column control.served_certificate.not_after is 'Until when it is valid.';
comment on column control.served_certificate.changed_at is 'When it was last another one.';
