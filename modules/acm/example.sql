-- A certificate for a domain and all below it. Which DNS record it asks for stands in domain_validation_options.

insert into acm.certificate (name, domain_name, subject_alternative_names, validation_method) values
  ('shop', 'shop.example', '{*.shop.example}', 'DNS');
