-- An address at which Fly's proxy answers for an app.

create table fly.ip_address (
  app     text not null references fly.app (name) on update cascade,
  kind    text not null,
  region  text,
  ip      text,
  primary key (app, kind),
  constraint a_kind_is_v4_v6_shared_v4_or_private_v6
    check (kind in ('v4', 'v6', 'shared_v4', 'private_v6')),
  constraint a_fly_region_has_three_letters_or_is_global
    check (region ~ '^[a-z]{3}$' or region = 'global')
);

comment on table fly.ip_address is 'An address at which Fly''s proxy answers for an app, or at which it is reached in the organization''s private network.';
comment on column fly.ip_address.app is '@immutable The app.';
comment on column fly.ip_address.kind is '@immutable shared_v4 (which costs nothing), v4, v6 or private_v6.';
comment on column fly.ip_address.region is '@immutable @place The Fly region where it answers: ams, … NULL: as it is, at first global.';
comment on column fly.ip_address.ip is '@identity The address.';

select iasql.register('fly.ip_address');
