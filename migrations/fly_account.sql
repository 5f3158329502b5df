-- Whose Fly organization a database is about, where it is not that of the engine's environment. The token stands here sealed by the engine's key.

create table control.fly_account (
  database text primary key references control.database (name) on delete cascade on update cascade,
  organization text not null,
  sealed text not null,
  constraint an_organization_is_named_by_its_slug check (organization ~ '^[a-z0-9-]{1,63}$')
);
comment on table control.fly_account is 'Whose Fly organization a database is about. No row: what its secret says, else what the engine''s environment says.';
comment on column control.fly_account.database is 'The database.';
comment on column control.fly_account.organization is 'The organization''s short name: personal.';
comment on column control.fly_account.sealed is 'The token for it, as only the engine''s key can open it.';
