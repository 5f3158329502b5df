-- An app: the name below which Fly keeps machines, volumes and secrets.

create table fly.app (
  name    text not null primary key,
  network text,
  constraint an_app_name_has_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_network_is_a_word
    check (network ~ '^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$')
);

comment on table fly.app is 'An app: the name below which Fly keeps machines, volumes and secrets. It is of the organization that the engine''s token is for.';
comment on column fly.app.name is '@immutable Its name, unique among all apps of all organizations.';
comment on column fly.app.network is '@immutable The private network that its machines are in. NULL: as it is, at first the organization''s.';

select iasql.register('fly.app');
