-- An access key: what a program outside of AWS signs its calls with.

create table iam.access_key (
  user_name     text not null,
  name          text not null default 'default',
  status        text,
  secret_region text not null default iasql.default_region(),
  ssm_parameter text,
  access_key_id text,
  primary key (user_name, name),
  foreign key (user_name) references iam.user (name) on update cascade,
  constraint an_access_key_name_has_1_to_64_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,64}$'),
  constraint status_is_active_or_inactive
    check (status in ('Active', 'Inactive')),
  constraint secret_region_is_a_region
    check (iasql.is_region(secret_region))
);

comment on table iam.access_key is 'An access key of a user, who has two at most. IAM tells its secret half once: it goes straight into an encrypted SSM parameter (ssm_parameter), and stands nowhere here. To renew a key, insert a second row, move the program over, and delete the first. Keys that were not made here are not shown.';
comment on column iam.access_key.user_name is '@immutable The user.';
comment on column iam.access_key.name is '@immutable What the key is called here; IAM gives it no name.';
comment on column iam.access_key.status is 'Active or Inactive. NULL: as it is, at first Active.';
comment on column iam.access_key.secret_region is '@immutable The region of the parameter with the secret half.';
comment on column iam.access_key.ssm_parameter is '@cloud The SSM parameter with both halves, as {"access_key_id": …, "secret_access_key": …}, encrypted with alias/aws/ssm: /iasql/access_key/AKIA…. It goes with the key.';
comment on column iam.access_key.access_key_id is '@identity The id that AWS gave it: AKIA….';

select iasql.register('iam.access_key');
