-- A record: what a name in a hosted zone leads to.

create table route53.record (
  hosted_zone            text   not null references route53.hosted_zone (name) on update cascade,
  name                   text   not null,
  type                   text   not null,
  set_identifier         text,
  ttl                    bigint,
  values                 text[],
  load_balancer_region   text,
  load_balancer          text,
  alias_dns_name         text,
  alias_hosted_zone_id   text,
  evaluate_target_health boolean,
  weight                 bigint,
  latency_region         text,
  failover               text,
  continent_code         text,
  country_code           text,
  subdivision_code       text,
  multi_value_answer     boolean,
  health_check_id        text,
  record_id              text,
  constraint a_record_stands_once_in_its_zone
    unique nulls not distinct (hosted_zone, name, type, set_identifier),
  foreign key (load_balancer_region, load_balancer) references elbv2.load_balancer (region, name) on update cascade,
  -- https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
  constraint a_record_name_has_small_letters_and_no_dot_at_its_end
    check (name = lower(name) and name ~ '[^.]$' and length(name) <= 255),
  constraint type_is_one_that_route_53_knows
    check (type in ('A', 'AAAA', 'CAA', 'CNAME', 'DS', 'HTTPS', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SPF', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT')),
  constraint a_record_has_either_values_or_a_load_balancer_or_an_alias
    check (num_nonnulls(values, load_balancer, alias_dns_name) = 1),
  constraint values_are_one_or_more
    check (cardinality(values) > 0 and array_position(values, null) is null),
  constraint a_ttl_is_0_to_2147483647_seconds_and_belongs_to_values
    check (ttl is null or ttl between 0 and 2147483647 and values is not null),
  constraint an_alias_is_named_with_its_zone
    check ((alias_dns_name is null) = (alias_hosted_zone_id is null)),
  constraint an_alias_has_small_letters_and_no_dot_at_its_end
    check (alias_dns_name = lower(alias_dns_name) and alias_dns_name ~ '[^.]$'),
  constraint evaluate_target_health_belongs_to_an_alias
    check (evaluate_target_health is null or values is null),
  constraint one_of_several_has_a_set_identifier_and_one_way_to_be_chosen
    check ((set_identifier is not null)::integer = num_nonnulls(weight, latency_region, failover, coalesce(continent_code, country_code), multi_value_answer)),
  constraint a_set_identifier_has_1_to_128_characters
    check (length(set_identifier) between 1 and 128),
  constraint a_weight_is_0_to_255
    check (weight between 0 and 255),
  constraint failover_is_primary_or_secondary
    check (failover in ('PRIMARY', 'SECONDARY')),
  constraint a_place_is_a_continent_or_a_country_and_maybe_a_part_of_it
    check (num_nonnulls(continent_code, country_code) <= 1 and (subdivision_code is null or country_code is not null)),
  constraint multi_value_answer_is_true_or_left_out
    check (multi_value_answer)
);

comment on table route53.record is 'A record: what a name in a hosted zone leads to. It changes in place, and is renamed in one step. Records that validate certificates are rows of route53.certificate_validation.';
comment on column route53.record.hosted_zone is '@immutable The hosted zone.';
comment on column route53.record.name is 'The name in full, in small letters and without a dot at its end: www.shop.example, *.shop.example.';
comment on column route53.record.type is 'A, AAAA, CNAME, MX, TXT, …. An alias to a load balancer is A or AAAA.';
comment on column route53.record.set_identifier is '@exact Which of several records of this name and type it is. NULL: it is the only one.';
comment on column route53.record.ttl is 'For how many seconds answers may be kept. NULL: as it is, at first 300. An alias has its target''s.';
comment on column route53.record.values is 'The values, kept sorted: addresses, names, "texts" in quotes, 10 mail.shop.example.';
comment on column route53.record.load_balancer_region is 'The region of the load balancer, as in us-east-1. Left out: the default region. NULL where there is no load balancer: records have no region.';
comment on column route53.record.load_balancer is 'The load balancer that the name leads to.';
comment on column route53.record.alias_dns_name is 'Another thing of AWS that the name leads to (a distribution, a website, another record), by its host name.';
comment on column route53.record.alias_hosted_zone_id is 'The hosted zone of that host name: Z2FDTNDATAQYW2 for every distribution.';
comment on column route53.record.evaluate_target_health is 'Whether an alias answers only while its target is well. NULL: as it is, at first not.';
comment on column route53.record.weight is 'Of several: how often it is the answer, 0 to 255, in proportion to the others.';
comment on column route53.record.latency_region is 'Of several: it is the answer for those to whom this AWS region is nearest.';
comment on column route53.record.failover is 'Of several: PRIMARY, or SECONDARY, which is the answer while the primary is not well.';
comment on column route53.record.continent_code is 'Of several: it is the answer on this continent: AF, AN, AS, EU, OC, NA or SA.';
comment on column route53.record.country_code is 'Of several: it is the answer in this country, as in DE; *: wherever no other is.';
comment on column route53.record.subdivision_code is 'A part of that country, as in CA of US.';
comment on column route53.record.multi_value_answer is 'Of several: true: all of them that are well are the answer, up to eight.';
comment on column route53.record.health_check_id is 'The health check that says whether it is well, by its id. NULL: as it is; an empty text: none.';
comment on column route53.record.record_id is '@identity AWS gives records no ids, so this is where it stands and what it is: Z0A1B2C…,www.shop.example,A.';

create function route53.spell_record() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.load_balancer_region := case when new.load_balancer is not null then coalesce(new.load_balancer_region, iasql.default_region()) end;
  if new."values" is not null then
    new."values" := array(select distinct listed.value collate "C" as value from unnest(new."values") listed (value) order by value);
  end if;
  return new;
end
$$;
comment on function route53.spell_record is 'Keeps a record''s values sorted, each once, and names the region of a load balancer.';

create trigger spell_record before insert or update on route53.record
  for each row execute function route53.spell_record();

select iasql.register('route53.record');
