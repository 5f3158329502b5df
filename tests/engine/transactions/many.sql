insert into ec2.vpc (name, cidr_block) select 'v' || i, format('10.%s.0.0/16', i)::cidr from generate_series(0, 39) i;
insert into ec2.subnet (name, vpc, cidr_block) select 's' || i, 'v' || i % 40, format('10.%s.%s.0/24', i % 40, i / 40)::cidr from generate_series(0, 79) i;
insert into sqs.queue (name) select current_database() || '-' || i from generate_series(0, 19) i;
