-- An alias: a name by which programs call a key, and that may lead to another one tomorrow.

create table kms.alias (
  region text not null default iasql.default_region(),
  name   text not null,
  key    text not null,
  arn    text,
  primary key (region, name),
  foreign key (region, key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
  constraint an_alias_begins_with_alias_and_a_slash_but_not_with_alias_aws
    check (name ~ '^alias/[a-zA-Z0-9/_-]+$' and not starts_with(name, 'alias/aws/') and length(name) <= 256)
);

comment on table kms.alias is 'An alias: a name by which programs call a key. It can lead to another key without a gap.';
comment on column kms.alias.region is 'The AWS region, as in us-east-1.';
comment on column kms.alias.name is '@immutable Its name: alias/shop. Those of alias/aws/… are AWS'' own.';
comment on column kms.alias.key is 'The key that it leads to; another one of the same kind can take its place.';
comment on column kms.alias.arn is '@identity The name that AWS gave it: arn:aws:kms:…:alias/shop.';

select iasql.register('kms.alias');
