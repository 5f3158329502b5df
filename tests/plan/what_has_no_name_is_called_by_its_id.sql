-- A network of somebody else's without a name, one that rows are about, one that new rows are about, and one that gets a name.
select iasql.observe(0, 'ec2.vpc', 'us-east-1', (select jsonb_agg(jsonb_build_object('region', 'us-east-1', 'cidr_block', '10.' || n || '.0.0/16', 'tags', '{}'::jsonb, 'vpc_id', 'vpc-' || n, 'implicit', false)) from generate_series(1, 4) n), now());
select iasql.observe(0, 'ec2.subnet', 'us-east-1', (select jsonb_agg(jsonb_build_object('region', 'us-east-1', 'vpc', 'vpc-' || n, 'cidr_block', '10.' || n || '.1.0/24', 'map_public_ip_on_launch', false, 'tags', '{}'::jsonb, 'subnet_id', 'subnet-' || n, 'implicit', false)) from generate_series(1, 3) n), now());
insert into ec2.vpc (name, cidr_block) values ('vpc-2', '10.2.0.0/16'), ('vpc-3', '10.3.0.0/16'), ('shop', '10.4.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('subnet-2', 'vpc-2', '10.2.1.0/24'), ('subnet-3', 'vpc-3', '10.3.1.0/24');
update observed.ec2_vpc o set row_id = d.row_id, managed = true from ec2.vpc d where d.name = o.vpc_id and o.vpc_id = 'vpc-2' or d.name = 'shop' and o.vpc_id = 'vpc-4';
update observed.ec2_subnet o set row_id = d.row_id, managed = true from ec2.subnet d where d.name = o.subnet_id and o.subnet_id = 'subnet-2';
-- what the provider is told of the rows that are called by their ids
insert into ec2.vpc (name, cidr_block) select 'told of ' || (r.desired ->> 'cidr_block') || ': ' || coalesce(r.desired ->> 'name', 'nothing'), '10.9.0.0/16' from iasql.resolved_ec2_vpc r;
