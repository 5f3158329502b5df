insert into ec2.vpc (region, name, cidr_block) values ('us-east-1', 'shop', '10.0.0.0/16'), ('eu-central-1', 'shop', '10.1.0.0/16');
select prelude.see_all();
update ec2.vpc set tags = '{"a": "b"}' where region = 'eu-central-1';
