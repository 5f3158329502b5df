-- never: rename update
-- elsewhere: create delete
fly::an_app_gets_addresses_and_certificates_and_says_what_dns_has_to_have
