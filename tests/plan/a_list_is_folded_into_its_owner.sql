select prelude.shop();
insert into ec2.security_group (name, vpc, description) values ('cache', 'shop', 'Caches');
insert into ec2.instance_security_group (instance, security_group) values ('server', 'cache');
