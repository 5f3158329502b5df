-- What the gateway shows who comes to a domain: a key, and the certificates from that key to an authority.

create table gateway.certificate (
  domain      text not null primary key references gateway.domain (name) on update cascade,
  pem         text not null,
  pem_version uuid,
  not_before  timestamptz,
  not_after   timestamptz,
  fingerprint text,
  names       text[],
  constraint a_pem_holds_a_key_that_is_not_encrypted_and_certificates
    check (pem ~ '-----BEGIN ([A-Z]+ )?PRIVATE KEY-----' and pem ~ '-----BEGIN CERTIFICATE-----' and pem !~ 'ENCRYPTED')
);

comment on table gateway.certificate is 'What the gateway shows who comes to a domain. Another one takes its place without anybody being dropped. A gateway that was started with --certificate shows that for its own domain.';
comment on column gateway.certificate.domain is '@immutable @cascade The domain. The certificate is for all names right below it: *.db.example.com.';
comment on column gateway.certificate.pem is '@secret The private key and the chain in one PEM, the certificate itself before those of authorities.';
comment on column gateway.certificate.pem_version is '@version Another one at each write of pem.';
comment on column gateway.certificate.not_before is '@cloud From when it is valid.';
comment on column gateway.certificate.not_after is '@cloud Until when it is valid.';
comment on column gateway.certificate.fingerprint is '@cloud Its SHA-256, in hexadecimal digits.';
comment on column gateway.certificate.names is '@cloud The names that it is for.';

select iasql.register('gateway.certificate');
