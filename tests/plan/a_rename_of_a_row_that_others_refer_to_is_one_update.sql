select prelude.shop();
update ec2.vpc set name = 'store' where name = 'shop';
