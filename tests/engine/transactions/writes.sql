-- Every row is written, and nothing of it is to be done; one transaction.
update ec2.vpc set tags = tags || '{}';
update ec2.subnet set tags = tags || '{}';
update sqs.queue set tags = tags || '{}';
insert into ec2.vpc (name, cidr_block) values ('w{i}', '10.200.0.0/16');
delete from ec2.vpc where name = 'w{i}';
