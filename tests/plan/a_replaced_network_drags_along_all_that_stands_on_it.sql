select prelude.shop();
update ec2.vpc set cidr_block = '10.9.0.0/16' where name = 'shop';
