-- No domain and no certificate is known.

drop table control.served_certificate;
drop table control.served_domain;
