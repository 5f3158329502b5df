-- A domain with a certificate that validates itself, a name for a server, and one for mail.

insert into acm.certificate (name, domain_name, subject_alternative_names, validation_method) values
  ('shop-site', 'shop.example', '{*.shop.example}', 'DNS');
insert into route53.hosted_zone (name, comment) values ('shop.example', 'The shop');
insert into route53.certificate_validation (certificate, domain_name, hosted_zone) values ('shop-site', 'shop.example', 'shop.example');
insert into route53.record (hosted_zone, name, type, ttl, values) values
  ('shop.example', 'www.shop.example', 'A', 300, '{203.0.113.10}'),
  ('shop.example', 'shop.example', 'MX', 3600, '{10 mail.shop.example}');
