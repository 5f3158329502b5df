select prelude.shop();
update ec2.security_group set description = 'Other words' where name = 'web';
