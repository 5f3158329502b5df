begin;
update ec2.vpc set name = 'a2' where name = 'a';
delete from ec2.vpc where name = 'b';
insert into ec2.vpc (name, cidr_block) values ('c', '10.2.0.0/16');
select * from ec2.vpc for update;
