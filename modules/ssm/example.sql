-- Where the shop's database is, in plain, and the password for it, encrypted. Write another value to either and look at iasql.plan.

insert into ssm.parameter (name, value) values ('/shop/database/host', 'database.shop.internal');
insert into ssm.parameter (name, type, secret_value) values ('/shop/database/password', 'SecureString', gen_random_uuid()::text);
