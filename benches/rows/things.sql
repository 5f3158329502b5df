-- A network with 200 security groups, and 200 buckets.

insert into ec2.vpc (name, cidr_block) values ('main', '10.0.0.0/16');

insert into ec2.security_group (name, vpc)
select 'group-' || k, 'main' from generate_series(1, 200) k;

insert into s3.bucket (name)
select replace(current_database(), '_', '-') || '-' || k from generate_series(1, 200) k;
