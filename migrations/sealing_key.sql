-- The engines' keys, as far as everybody may know them: what secrets in users' databases are sealed to.

create table control.sealing_key (
  id text primary key,
  key bytea not null,
  noted_at timestamptz not null default clock_timestamp(),
  constraint a_key_is_named_by_16_hexadecimal_digits check (id ~ '^[0-9a-f]{16}$')
);
comment on table control.sealing_key is 'The public keys that secrets are sealed to. The newest is laid into databases; the private ones are with the engines, and nowhere here.';
comment on column control.sealing_key.id is 'The key''s id.';
comment on column control.sealing_key.key is 'The public key, as OpenPGP has it.';
comment on column control.sealing_key.noted_at is 'When an engine first came with it.';
