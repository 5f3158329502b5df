-- Certificates, requested and imported, through the whole loop. The keys are made for this file and open nothing.
--
-- The emulator has no UpdateCertificateOptions, so export and validation_method are never changed here. It adds a root of its
-- own to every chain, where AWS gives back the chain as it was imported, so there is none here. It knows no validation but by DNS. It loses a
-- certificate's tags when another is imported in its place, where AWS keeps them: tests/aws/acm.rs does that.

-- create: RequestCertificate
insert into acm.certificate (name, domain_name, subject_alternative_names, validation_method, key_algorithm, export) values
  ('shop', 'shop.example', '{www.shop.example,*.shop.example}', 'DNS', 'RSA_2048', 'DISABLED');

-- update: AddTagsToCertificate
update acm.certificate set tags = '{"team": "a"}';

-- update: AddTagsToCertificate RemoveTagsFromCertificate
update acm.certificate set tags = '{"crew": "a"}';

-- drift: AddTagsToCertificate
{"tags": {"crew": "b"}}

-- lost: RequestCertificate

-- rename: AddTagsToCertificate
update acm.certificate set name = 'store';

-- replace: RequestCertificate DeleteCertificate
update acm.certificate set subject_alternative_names = '{*.shop.example}';

-- delete: DeleteCertificate
delete from acm.certificate;

-- adopt: AddTagsToCertificate
insert into acm.certificate (name, domain_name) values ('shop', 'shop.example');

-- create: ImportCertificate
insert into acm.certificate (name, certificate_body, private_key) values ('old', '
-----BEGIN CERTIFICATE-----
MIIBIzCBy6ADAgECAgEBMAoGCCqGSM49BAMCMBsxGTAXBgNVBAMMEG9sZC5zaG9w
LmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBsxGTAX
BgNVBAMMEG9sZC5zaG9wLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAR6ngZ7KjV5EIxXTrzJjh4P2V6lDnQKOPjaEX8oRZxr+21T1iiyUn+DqDvgC8nu
SIaLNBLYDJFrxS67Q+lCJN3RMAoGCCqGSM49BAMCA0cAMEQCICm1hcKpvcq+Kh34
8B5y7d65AwHkBNyXWia1Jayi/533AiBs22dzqprmkuapXpGHLhNkHHxTpmlYOG5a
WT2smbQNdw==
-----END CERTIFICATE-----', '
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeMUxqUO505Hsmg4n
Ab5wniBWckghL4x9vrJYOBeKvbmhRANCAAR6ngZ7KjV5EIxXTrzJjh4P2V6lDnQK
OPjaEX8oRZxr+21T1iiyUn+DqDvgC8nuSIaLNBLYDJFrxS67Q+lCJN3R
-----END PRIVATE KEY-----
');

-- replace: RequestCertificate DeleteCertificate
update acm.certificate set certificate_body = null, private_key = null, domain_name = 'old.shop.example' where name = 'old';

-- delete: DeleteCertificate DeleteCertificate
delete from acm.certificate;
