select prelude.shop();
delete from ec2.instance where name = 'server';
update ec2.vpc set cidr_block = '10.9.0.0/16' where name = 'shop';
