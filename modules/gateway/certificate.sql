-- What the gateway shows who comes to a domain: a key, and the certificates from that key to an authority; written down, or ordered.

create table gateway.certificate (
  domain      text not null primary key references gateway.domain (name) on update cascade,
  pem         text,
  pem_version uuid,
  issuer      text,
  contact     text,
  state       text,
  not_before  timestamptz,
  not_after   timestamptz,
  fingerprint text,
  names       text[],
  constraint a_pem_holds_a_key_that_is_not_encrypted_and_certificates
    check (pem ~ '-----BEGIN ([A-Z]+ )?PRIVATE KEY-----' and pem ~ '-----BEGIN CERTIFICATE-----' and pem !~ 'ENCRYPTED'),
  constraint a_certificate_has_either_a_pem_or_an_issuer
    check (num_nonnulls(pem, issuer) = 1),
  constraint an_issuer_is_letsencrypt_letsencrypt_staging_or_an_https_url
    check (issuer in ('letsencrypt', 'letsencrypt-staging') or issuer ~ '^https://[^\s@]+$' and length(issuer) <= 500),
  constraint a_contact_is_a_mail_address_for_an_issuer
    check (contact is null or contact ~ '^[^\s@,?]+@[^\s@,?]+$' and length(contact) <= 254 and issuer is not null)
);

comment on table gateway.certificate is 'What the gateway shows who comes to a domain. Another one takes its place without anybody being dropped. A gateway that was started with --certificate shows that for its own domain.';
comment on column gateway.certificate.domain is '@immutable @cascade The domain. The certificate is for all names right below it: *.db.example.com.';
comment on column gateway.certificate.pem is '@secret The private key and the chain in one PEM, the certificate itself before those of authorities. NULL: an issuer is asked for one.';
comment on column gateway.certificate.pem_version is '@version Another one at each write of pem.';
comment on column gateway.certificate.issuer is 'Whom a gateway with --dns asks for a certificate by ACME, and again when a third of its life is left: letsencrypt, letsencrypt-staging, or the URL of another authority''s directory. NULL: there is a pem.';
comment on column gateway.certificate.contact is 'A mail address that the issuer may write to. NULL: it has none, or that of before.';
comment on column gateway.certificate.state is '@cloud Of one with an issuer: wanted (a gateway orders it within seconds), ordered, valid, or why it is not. What was valid before goes on being shown.';
comment on column gateway.certificate.not_before is '@cloud From when it is valid.';
comment on column gateway.certificate.not_after is '@cloud Until when it is valid.';
comment on column gateway.certificate.fingerprint is '@cloud Its SHA-256, in hexadecimal digits.';
comment on column gateway.certificate.names is '@cloud The names that it is for.';

select iasql.register('gateway.certificate');
