begin;
insert into ec2.vpc (name, cidr_block) values ('second', '10.1.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'second', '10.1.1.0/24');
commit;
