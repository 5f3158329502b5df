-- A certificate for a host name that leads to an app.

create table fly.certificate (
  hostname     text    not null primary key,
  app          text    not null references fly.app (name) on update cascade,
  configured   boolean,
  status       text,
  dns_name     text,
  dns_target   text,
  constraint a_hostname_is_one_in_small_letters
    check (length(hostname) <= 253 and hostname ~ '^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$')
);

comment on table fly.certificate is 'A certificate that Fly orders for a host name that leads to an app, and renews.';
comment on column fly.certificate.hostname is '@immutable The host name: shop.example.com, or *.shop.example.com.';
comment on column fly.certificate.app is '@immutable The app.';
comment on column fly.certificate.configured is '@cloud Whether it is there, and the name leads to Fly.';
comment on column fly.certificate.status is '@cloud How far it is: pending_validation, active, …';
comment on column fly.certificate.dns_name is '@cloud The name of the CNAME record that lets Fly order it: _acme-challenge.shop.example.com.';
comment on column fly.certificate.dns_target is '@cloud What that record leads to.';

select iasql.register('fly.certificate');
