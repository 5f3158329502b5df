-- A key: what AWS encrypts with. It never leaves AWS.

create table kms.key (
  region                  text    not null default iasql.default_region(),
  name                    text    not null,
  description             text,
  key_usage               text,
  key_spec                text,
  multi_region            boolean,
  policy                  jsonb,
  enabled                 boolean,
  enable_key_rotation     boolean,
  rotation_period_in_days integer,
  pending_window_in_days  integer,
  tags                    jsonb   not null default '{}',
  key_id                  text,
  arn                     text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
  constraint a_key_description_has_at_most_8192_characters
    check (length(description) <= 8192),
  constraint key_usage_is_one_that_aws_knows
    check (key_usage in ('ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT')),
  constraint a_key_spec_is_spelled_in_capitals
    check (key_spec ~ '^[A-Z][A-Z0-9_]+$'),
  constraint a_key_policy_is_an_object
    check (jsonb_typeof(policy) = 'object'),
  constraint only_symmetric_keys_for_encryption_rotate_by_themselves
    check (not enable_key_rotation
      or coalesce(key_spec, 'SYMMETRIC_DEFAULT') = 'SYMMETRIC_DEFAULT' and coalesce(key_usage, 'ENCRYPT_DECRYPT') = 'ENCRYPT_DECRYPT'),
  constraint a_rotation_period_of_90_to_2560_days_needs_a_key_that_rotates
    check (rotation_period_in_days is null or enable_key_rotation is true and rotation_period_in_days between 90 and 2560),
  constraint a_pending_window_has_7_to_30_days
    check (pending_window_in_days between 7 and 30),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

create trigger spell_policy before insert or update on kms.key for each row execute function iasql.spell_policy('policy');

comment on table kms.key is '@data A key that AWS encrypts or signs with; it never leaves AWS. Deleting the row schedules its deletion: until then it is gone for us, and can be restored (CancelKeyDeletion).';
comment on column kms.key.region is 'The AWS region, as in us-east-1.';
comment on column kms.key.name is 'The Name tag. Renaming a row renames the thing. How programs call a key is kms.alias.';
comment on column kms.key.description is 'What it is for. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column kms.key.key_usage is '@immutable ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC or KEY_AGREEMENT. NULL: the cloud decides, which means ENCRYPT_DECRYPT.';
comment on column kms.key.key_spec is '@immutable SYMMETRIC_DEFAULT, RSA_2048, ECC_NIST_P256, HMAC_256, …. NULL: the cloud decides, which means SYMMETRIC_DEFAULT.';
comment on column kms.key.multi_region is '@immutable Whether it can be replicated to other regions. NULL: the cloud decides, which means that it can''t.';
comment on column kms.key.policy is 'Who may do what with it, in the one spelling of iasql.canonical_policy(). NULL: as it is, at first whatever the account''s own policies say.';
comment on column kms.key.enabled is 'Whether it can be used. NULL: as it is, at first yes.';
comment on column kms.key.enable_key_rotation is 'Whether AWS makes new key material now and then. NULL: as it is, at first not.';
comment on column kms.key.rotation_period_in_days is 'How often: every 90 to 2560 days. NULL: as it is, at first every 365.';
comment on column kms.key.pending_window_in_days is 'How long it can be restored after its deletion, 7 to 30 days. NULL: as it is, at first 30. Kept in a tag.';
comment on column kms.key.tags is 'Tags by key, without Name (that is the column name).';
comment on column kms.key.key_id is '@cloud Its id: 1234abcd-12ab-34cd-56ef-1234567890ab.';
comment on column kms.key.arn is '@identity The name that AWS gave it: arn:aws:kms:….';

select iasql.register('kms.key');
