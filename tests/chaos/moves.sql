-- What the user of the campaign does. A comment that names a database begins a move; {n} is a number that never comes twice, {k} one by chance.
-- Of each kind there are so many at most: a campaign that only grows is slow, and no better for it.

-- move net: a network
insert into ec2.vpc (name, cidr_block)
select 'v{n}', format('10.%s.0.0/16', {n} % 250)::cidr where (select count(*) from ec2.vpc where not reference_only) < 9;
-- move net: a subnet in some network
insert into ec2.subnet (name, vpc, cidr_block)
select 's{n}', v.name, set_masklen(v.cidr_block, 24) + 256 * (
  select min(i) from generate_series(0, 99) i where not exists (select from ec2.subnet s where s.vpc = v.name and s.cidr_block = set_masklen(v.cidr_block, 24) + 256 * i))
from (select * from ec2.vpc where not reference_only order by name offset {k} % greatest((select count(*) from ec2.vpc where not reference_only), 1) limit 1) v
where (select count(*) from ec2.subnet) < 24;
-- move net: a network with two subnets and a group, at once
insert into ec2.vpc (name, cidr_block)
select 'v{n}', format('10.%s.0.0/16', {n} % 250)::cidr where (select count(*) from ec2.vpc where not reference_only) < 9;
insert into ec2.subnet (name, vpc, cidr_block)
select 's{n}' || chr(97 + i), name, set_masklen(cidr_block, 24) + 256 * i from ec2.vpc, generate_series(0, 1) i where name = 'v{n}';
insert into ec2.security_group (name, vpc) select 'g{n}', name from ec2.vpc where name = 'v{n}';
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4)
select name, 'ingress', 'tcp', 443, 443, '0.0.0.0/0' from ec2.security_group where name = 'g{n}';
-- move net: a group with two rules
insert into ec2.security_group (name, vpc)
select 'g{n}', name from ec2.vpc where not reference_only and (select count(*) from ec2.security_group where not reference_only) < 12 order by name offset {k} % greatest((select count(*) from ec2.vpc where not reference_only), 1) limit 1;
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4)
select 'g{n}', 'ingress', 'tcp', p, p, '10.0.0.0/8' from unnest(array[80, 443]) p where exists (select from ec2.security_group where name = 'g{n}');
-- move net: other rules of a group
delete from ec2.security_group_rule where security_group = (select min(security_group) from ec2.security_group_rule) and from_port = 80;
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4)
select min(name), 'ingress', 'tcp', 1000 + {n} % 60000, 1000 + {n} % 60000, format('10.%s.0.0/16', {n} / 60000)::cidr from ec2.security_group where not reference_only having min(name) is not null;
-- move net: another name for a network
update ec2.vpc set name = 'v{n}' where name = (select name from ec2.vpc where not reference_only order by name offset {k} % greatest((select count(*) from ec2.vpc where not reference_only), 1) limit 1);
-- move net: other tags on all subnets
update ec2.subnet set tags = jsonb_build_object('round', '{n}');
-- move net: another name for a subnet
update ec2.subnet set name = 's{n}' where name = (select name from ec2.subnet order by name offset {k} % greatest((select count(*) from ec2.subnet), 1) limit 1);
-- move net: a subnet that moves
update ec2.subnet u set cidr_block = u.cidr_block + 256 * 128 where u.name = (select name from ec2.subnet s where split_part(host(s.cidr_block), '.', 3)::integer < 100 and not exists (select from ec2.subnet o where o.vpc = s.vpc and o.cidr_block = s.cidr_block + 256 * 128) order by name limit 1);
-- move net: no such subnet any more
delete from ec2.subnet where name = (select name from ec2.subnet order by name offset {k} % greatest((select count(*) from ec2.subnet), 1) limit 1);
-- move net: no such network any more, with all that is in it
delete from ec2.security_group_rule where security_group in (select name from ec2.security_group where vpc = (select min(name) from ec2.vpc where not reference_only));
delete from ec2.security_group where vpc = (select min(name) from ec2.vpc where not reference_only);
delete from ec2.subnet where vpc = (select min(name) from ec2.vpc where not reference_only);
delete from ec2.vpc where name = (select min(name) from ec2.vpc where not reference_only);

-- move app: a bucket
insert into s3.bucket (name) select replace(current_database(), '_', '-') || '-b{n}' where (select count(*) from s3.bucket) < 9;
-- move app: a bucket with tags
insert into s3.bucket (name) select replace(current_database(), '_', '-') || '-b{n}' where (select count(*) from s3.bucket) < 9;
insert into s3.bucket_tagging (bucket, tags) select name, '{"a": "{n}"}' from s3.bucket where name like '%-b{n}';
-- move app: no such bucket any more
delete from s3.bucket_tagging where bucket = (select min(name) from s3.bucket);
delete from s3.bucket where name = (select min(name) from s3.bucket);
-- move app: a role
insert into iam.role (name, assume_role_policy_document)
select current_database() || '-r{n}', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
where  (select count(*) from iam.role where not reference_only) < 9;
-- move app: what a role is for
update iam.role set description = 'round {n}' where name = (select min(name) from iam.role where not reference_only);
-- move app: no such role any more
delete from iam.role where name = (select name from iam.role where not reference_only order by name offset {k} % greatest((select count(*) from iam.role where not reference_only), 1) limit 1);
-- move app: a secret
insert into secretsmanager.secret (name, value)
select current_database() || '-s{n}', 'hunter{n}' where (select count(*) from secretsmanager.secret) < 9;
-- move app: another value for all secrets
update secretsmanager.secret set value = 'hunter{n}';
-- move app: no such secret any more
delete from secretsmanager.secret where name = (select min(name) from secretsmanager.secret);

-- move jobs: a queue
insert into sqs.queue (name) select current_database() || '-q{n}' where (select count(*) from sqs.queue) < 12;
-- move jobs: three queues
insert into sqs.queue (name, visibility_timeout) select current_database() || '-q{n}-' || i, 40 from generate_series(1, 3) i where (select count(*) from sqs.queue) < 12;
-- move jobs: more patient queues
update sqs.queue set visibility_timeout = 30 + {n} % 100;
-- move jobs: another name for a queue
update sqs.queue set name = current_database() || '-q{n}' where name = (select min(name) from sqs.queue);
-- what was in it is lost, and they know it
select iasql.allow_replace('sqs.queue', q.name) from sqs.queue q where q.name = current_database() || '-q{n}';
-- move jobs: no such queues any more
delete from sqs.queue where name in (select name from sqs.queue order by name limit 2);
-- move jobs: a topic
insert into sns.topic (name) select current_database() || '-t{n}' where (select count(*) from sns.topic) < 9;
-- move jobs: no such topic any more
delete from sns.topic where name = (select min(name) from sns.topic);
