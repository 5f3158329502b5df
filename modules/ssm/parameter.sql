-- A parameter: a value that programs ask for by its name, plain or encrypted.

create table ssm.parameter (
  region               text    not null default iasql.default_region(),
  name                 text    not null,
  type                 text    not null default 'String',
  value                text,
  secret_value         text,
  secret_value_version uuid,
  description          text,
  kms_key              text,
  tier                 text,
  allowed_pattern      text,
  data_type            text,
  tags                 jsonb   not null default '{}',
  version              bigint,
  arn                  text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
  constraint a_parameter_name_has_1_to_1011_letters_digits_and_some_signs
    check (name ~ '^[a-zA-Z0-9_./-]+$' and length(name) <= 1011),
  constraint a_parameter_name_begins_with_neither_aws_nor_ssm_nor_iasql
    check (name !~* '^/?(aws|ssm)' and not starts_with(name, '/iasql/')),
  constraint type_is_string_stringlist_or_securestring
    check (type in ('String', 'StringList', 'SecureString')),
  constraint a_value_has_1_to_8192_bytes
    check (octet_length(value) between 1 and 8192),
  constraint a_secret_value_has_1_to_8192_bytes
    check (octet_length(secret_value) between 1 and 8192),
  constraint only_a_securestring_has_a_key
    check (kms_key is null or type = 'SecureString'),
  constraint a_parameter_description_has_at_most_1024_characters
    check (length(description) <= 1024),
  constraint tier_is_standard_or_advanced
    check (tier in ('Standard', 'Advanced')),
  constraint an_allowed_pattern_has_at_most_1024_characters
    check (length(allowed_pattern) between 1 and 1024),
  constraint data_type_is_text_or_an_image
    check (data_type in ('text', 'aws:ec2:image')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ssm.parameter is 'A parameter: a value that programs ask for by its name. Values and tags are read of those parameters only that have a row. Those under /iasql/ are kept by iasql itself.';
comment on column ssm.parameter.region is 'The AWS region, as in us-east-1.';
comment on column ssm.parameter.name is '@immutable Its name, slashes and all: /shop/database/host.';
comment on column ssm.parameter.type is '@immutable String, StringList (with commas in between) or SecureString (encrypted).';
comment on column ssm.parameter.value is 'The value of a String or a StringList.';
comment on column ssm.parameter.secret_value is '@secret The value of a SecureString, which is never read back.';
comment on column ssm.parameter.secret_value_version is '@version Another one at each write of secret_value; kept in a tag, with the number of the version that AWS made of it.';
comment on column ssm.parameter.description is 'What it is for. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column ssm.parameter.kms_key is 'The key that a SecureString is encrypted with. NULL: as it is, at first alias/aws/ssm, the account''s own.';
comment on column ssm.parameter.tier is 'Standard (up to 4096 bytes) or Advanced; there is no way back to Standard. NULL: as it is, at first what the account has set.';
comment on column ssm.parameter.allowed_pattern is 'A regular expression that values must match. NULL: as it is, at first none.';
comment on column ssm.parameter.data_type is 'text, or aws:ec2:image for one whose value AWS checks. NULL: as it is, at first text.';
comment on column ssm.parameter.tags is 'Tags by key.';
comment on column ssm.parameter.version is '@cloud How many times it was written.';
comment on column ssm.parameter.arn is '@cloud The name that AWS gave it: arn:aws:ssm:….';

select iasql.register('ssm.parameter');

-- a row that is only referred to has no value
alter table ssm.parameter add constraint a_securestring_has_a_secret_value_and_others_a_value
  check (reference_only or num_nonnulls(value, secret_value) = 1 and (secret_value is not null) = (type = 'SecureString'));
