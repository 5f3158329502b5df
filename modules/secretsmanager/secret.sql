-- A secret: a value that is kept encrypted, with a version for each time it was written.

create table secretsmanager.secret (
  region                  text    not null default iasql.default_region(),
  name                    text    not null,
  description             text,
  kms_key_id              text,
  value                   text,
  value_version           uuid,
  recovery_window_in_days integer,
  tags                    jsonb   not null default '{}',
  arn                     text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  constraint a_secret_name_has_1_to_512_letters_digits_and_some_signs
    check (name ~ '^[a-zA-Z0-9/_+=.@!-]+$' and length(name) <= 512),
  constraint a_description_has_at_most_2048_characters
    check (length(description) <= 2048),
  constraint a_value_has_1_to_65536_bytes
    check (octet_length(value) between 1 and 65536),
  constraint a_recovery_window_is_0_or_7_to_30_days
    check (recovery_window_in_days = 0 or recovery_window_in_days between 7 and 30),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table secretsmanager.secret is 'A secret: a value that is kept encrypted. It goes to AWS and is never read back; its version tells whether somebody else wrote another one.';
comment on column secretsmanager.secret.region is 'The AWS region, as in us-east-1.';
comment on column secretsmanager.secret.name is '@immutable Its name, slashes and all: shop/database.';
comment on column secretsmanager.secret.description is 'What it is for. NULL: as it is; an empty text: nothing.';
comment on column secretsmanager.secret.kms_key_id is 'The KMS key that encrypts it, as its ARN. NULL: as it is, at first alias/aws/secretsmanager, the account''s own.';
comment on column secretsmanager.secret.value is '@secret The value, as text or as JSON in a text. NULL: whatever it is, at first none.';
comment on column secretsmanager.secret.value_version is '@version Another one at each write of value; AWS keeps it as the id of the current version.';
comment on column secretsmanager.secret.recovery_window_in_days is 'For how many days it can be restored after its deletion, 7 to 30, or 0: not at all. Until then its name is taken, and inserting it again restores it. NULL: as it is, at first 30. Kept in a tag.';
comment on column secretsmanager.secret.tags is 'Tags by key.';
comment on column secretsmanager.secret.arn is '@identity The name that AWS gave it: arn:aws:secretsmanager:…. It ends in six characters of its own, so another secret of the same name is another one.';

select iasql.register('secretsmanager.secret');
