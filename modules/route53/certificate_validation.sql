-- The record by which a certificate's domain is validated.

create table route53.certificate_validation (
  region                    text not null default iasql.default_region(),
  certificate               text not null,
  domain_name               text not null,
  hosted_zone               text not null references route53.hosted_zone (name) on update cascade,
  record_name               text,
  record_value              text,
  certificate_validation_id text,
  primary key (region, certificate, domain_name),
  foreign key (region, certificate) references acm.certificate (region, name) on update cascade,
  constraint a_wildcard_is_validated_with_the_domain_below_it
    check (domain_name !~ '^\*' and domain_name = lower(domain_name))
);

comment on table route53.certificate_validation is 'The CNAME record that a requested certificate asks for, so that it is issued and renewed. ACM asks for the same record for every certificate of a domain in an account.';
comment on column route53.certificate_validation.region is 'The AWS region of the certificate, as in us-east-1.';
comment on column route53.certificate_validation.certificate is '@immutable The certificate.';
comment on column route53.certificate_validation.domain_name is '@immutable Which of its domains. *.shop.example is validated with shop.example.';
comment on column route53.certificate_validation.hosted_zone is '@immutable The hosted zone that the domain is in; a public one.';
comment on column route53.certificate_validation.record_name is '@cloud The name of the record.';
comment on column route53.certificate_validation.record_value is '@cloud Its value.';
comment on column route53.certificate_validation.certificate_validation_id is '@identity AWS gives it no id, so this is which certificate it is for, and which domain: arn:aws:acm:…,shop.example.';

select iasql.register('route53.certificate_validation');
