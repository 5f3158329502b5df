-- The records that certificates ask for, through the whole loop. A record that somebody changes counts as lost, so there is no drift.

-- never: update drift rename

-- ground
insert into acm.certificate (name, domain_name, subject_alternative_names) values ('shop', 'www.shop.example', '{*.www.shop.example}'), ('next', 'www.shop.example', '{}');
insert into route53.hosted_zone (name) values ('shop.example'), ('www.shop.example');

-- create: ChangeResourceRecordSets
insert into route53.certificate_validation (certificate, domain_name, hosted_zone) values ('shop', 'www.shop.example', 'shop.example');

-- lost: ChangeResourceRecordSets

-- replace: ChangeResourceRecordSets ChangeResourceRecordSets
update route53.certificate_validation set certificate = 'next';

-- replace: ChangeResourceRecordSets ChangeResourceRecordSets
update route53.certificate_validation set hosted_zone = 'www.shop.example';

-- delete: ChangeResourceRecordSets
delete from route53.certificate_validation;

-- adopt:
insert into route53.certificate_validation (certificate, domain_name, hosted_zone) values ('shop', 'www.shop.example', 'shop.example');
