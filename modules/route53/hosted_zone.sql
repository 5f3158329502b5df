-- A hosted zone: the records of one domain. And the networks that see a private one.

create table route53.hosted_zone (
  name              text    not null primary key,
  domain_name       text    not null,
  private_zone      boolean not null default false,
  comment           text,
  delegation_set_id text,
  tags              jsonb   not null default '{}',
  hosted_zone_id    text,
  name_servers      text[],
  constraint a_domain_name_has_small_letters_and_no_dot_at_its_end
    check (domain_name = lower(domain_name) and domain_name ~ '[^.]$' and length(domain_name) <= 255),
  constraint a_comment_has_at_most_256_characters
    check (length(comment) <= 256),
  constraint a_private_zone_has_no_delegation_set
    check (delegation_set_id is null or not private_zone),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table route53.hosted_zone is 'A hosted zone: the records of one domain. AWS makes its NS and SOA records with it, and deletes it only when there are no others.';
comment on column route53.hosted_zone.name is 'What it is called here: its domain, or its domain and /private, unless it has a Name tag. So two zones of one domain can have two names. Renaming a row sets the tag.';
comment on column route53.hosted_zone.domain_name is '@immutable The domain, in small letters and without a dot at its end: shop.example. Left out: the name.';
comment on column route53.hosted_zone.private_zone is '@immutable Whether only the networks in route53.hosted_zone_vpc see it; it needs one at least.';
comment on column route53.hosted_zone.comment is 'What it is for. NULL: as it is; an empty text: nothing.';
comment on column route53.hosted_zone.delegation_set_id is '@immutable The reusable delegation set whose name servers it has, by its id. NULL: name servers of its own.';
comment on column route53.hosted_zone.tags is 'Tags by key, without Name (that is the column name).';
comment on column route53.hosted_zone.hosted_zone_id is '@identity The id that AWS gave it: Z0A1B2C….';
comment on column route53.hosted_zone.name_servers is '@cloud The servers that answer for it: those that the domain''s registrar should name. Only a public zone has them.';

create function route53.spell_hosted_zone() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.domain_name := coalesce(new.domain_name, new.name);
  return new;
end
$$;
comment on function route53.spell_hosted_zone is 'A zone that is named after its domain needs to say so only once.';

create trigger spell_hosted_zone before insert or update on route53.hosted_zone
  for each row execute function route53.spell_hosted_zone();

select iasql.register('route53.hosted_zone');

create table route53.hosted_zone_vpc (
  hosted_zone text not null references route53.hosted_zone (name) on update cascade on delete cascade,
  region      text not null default iasql.default_region(),
  vpc         text not null,
  primary key (hosted_zone, region, vpc),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade
);

comment on table route53.hosted_zone_vpc is 'The networks that see a private hosted zone. AWS keeps the last one as long as the zone is there.';
comment on column route53.hosted_zone_vpc.hosted_zone is '@part vpcs The hosted zone.';
comment on column route53.hosted_zone_vpc.region is 'The AWS region of the network, as in us-east-1.';
comment on column route53.hosted_zone_vpc.vpc is 'A network that sees it.';

select iasql.register('route53.hosted_zone_vpc');
