-- A certificate: one that ACM is asked for, or one that was made elsewhere and is imported.

create table acm.certificate (
  region                    text    not null default iasql.default_region(),
  name                      text    not null,
  domain_name               text,
  subject_alternative_names text[],
  validation_method         text,
  key_algorithm             text,
  certificate_authority_arn text,
  export                    text,
  certificate_body          text,
  certificate_chain         text,
  private_key               text,
  private_key_version       uuid,
  tags                      jsonb   not null default '{}',
  certificate_arn           text,
  status                    text,
  not_after                 timestamptz,
  domain_validation_options jsonb,
  primary key (region, name),
  constraint a_certificate_is_either_requested_by_its_domain_name_or_imported_by_its_body
    check (num_nonnulls(domain_name, certificate_body) = 1),
  -- https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
  constraint a_domain_name_has_small_letters_digits_hyphens_and_dots
    check (domain_name ~ '^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$' and length(domain_name) <= 253),
  constraint what_is_asked_for_belongs_to_a_requested_certificate
    check (domain_name is not null
      or num_nonnulls(subject_alternative_names, validation_method, key_algorithm, certificate_authority_arn, export) = 0),
  constraint alternative_names_are_small_and_further_ones
    check (array_position(subject_alternative_names, null) is null and array_position(subject_alternative_names, domain_name) is null
      and array_to_string(subject_alternative_names, ' ') = lower(array_to_string(subject_alternative_names, ' '))),
  constraint validation_is_by_dns_or_email
    check (validation_method in ('DNS', 'EMAIL')),
  constraint a_private_authority_validates_nothing
    check (certificate_authority_arn is null or validation_method is null),
  constraint key_algorithm_is_one_that_acm_knows
    check (key_algorithm in ('RSA_1024', 'RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1')),
  constraint export_is_enabled_or_disabled
    check (export in ('ENABLED', 'DISABLED')),
  constraint an_imported_certificate_has_a_private_key_and_a_requested_one_has_none
    check ((certificate_body is null) = (private_key is null)),
  constraint a_chain_belongs_to_an_imported_certificate
    check (certificate_chain is null or certificate_body is not null),
  constraint a_certificate_body_is_in_pem
    check (certificate_body ~ '^-----BEGIN CERTIFICATE-----\n'),
  constraint a_certificate_chain_is_in_pem
    check (certificate_chain ~ '^-----BEGIN CERTIFICATE-----\n'),
  constraint a_private_key_is_in_pem_and_not_encrypted
    check (private_key ~ '^\s*-----BEGIN ([A-Z]+ )?PRIVATE KEY-----' and private_key !~ 'ENCRYPTED'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table acm.certificate is '@create_before_destroy A certificate: one that ACM is asked for (domain_name), or one that was made elsewhere (certificate_body, private_key). A requested one is usable once its status is ISSUED; route53.certificate_validation gets it there.';
comment on column acm.certificate.region is 'The AWS region, as in us-east-1. CloudFront looks for certificates in us-east-1 only.';
comment on column acm.certificate.name is 'The Name tag. Renaming a row renames the thing.';
comment on column acm.certificate.domain_name is '@immutable @exact The domain that a certificate is requested for, as in shop.example or *.shop.example. NULL: it is imported.';
comment on column acm.certificate.subject_alternative_names is '@immutable Further domains of a requested certificate, kept sorted. NULL: as it is, at first none.';
comment on column acm.certificate.validation_method is 'How ACM finds out whose the domains are: DNS or EMAIL, which AWS lets change to DNS later. NULL: as it is, at first DNS.';
comment on column acm.certificate.key_algorithm is '@immutable The kind of key: RSA_2048, EC_prime256v1, EC_secp384r1, …. NULL: as it is, at first RSA_2048.';
comment on column acm.certificate.certificate_authority_arn is '@immutable The private authority that issues it, by its ARN. NULL: as it is, at first Amazon''s public one.';
comment on column acm.certificate.export is 'Whether its private key can be had from ACM, which costs more: ENABLED or DISABLED. NULL: as it is, at first DISABLED.';
comment on column acm.certificate.certificate_body is 'The certificate to import, in PEM. Another one takes its place under the same ARN.';
comment on column acm.certificate.certificate_chain is 'The certificates between it and its root, in PEM. NULL: as it is, at first none.';
comment on column acm.certificate.private_key is '@secret The private key of an imported certificate, in PEM, which is never read back.';
comment on column acm.certificate.private_key_version is '@version Another one at each write of the private key; kept in a tag, since ACM keeps no version of it.';
comment on column acm.certificate.tags is 'Tags by key, without Name (that is the column name).';
comment on column acm.certificate.certificate_arn is '@identity The name that AWS gave it: arn:aws:acm:….';
comment on column acm.certificate.status is '@cloud PENDING_VALIDATION, ISSUED, INACTIVE, EXPIRED, VALIDATION_TIMED_OUT, REVOKED or FAILED.';
comment on column acm.certificate.not_after is '@cloud Until when it is valid, once it is issued.';
comment on column acm.certificate.domain_validation_options is '@cloud Which DNS record each domain should have: domain_name, validation_status, and name, type and value of the record.';

create function acm.spell_certificate() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.subject_alternative_names is not null then
    new.subject_alternative_names := array(select distinct named.name collate "C" as name from unnest(new.subject_alternative_names) named (name) order by name);
  end if;
  new.certificate_body := btrim(replace(new.certificate_body, E'\r', ''), E' \n\t') || E'\n';
  new.certificate_chain := btrim(replace(new.certificate_chain, E'\r', ''), E' \n\t') || E'\n';
  return new;
end
$$;
comment on function acm.spell_certificate is 'Keeps alternative names sorted, and what is in PEM without blank lines around it, as the engine spells what it reads.';

create trigger spell_certificate before insert or update on acm.certificate
  for each row execute function acm.spell_certificate();

select iasql.register('acm.certificate');
