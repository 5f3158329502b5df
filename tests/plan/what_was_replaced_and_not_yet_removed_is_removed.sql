select prelude.shop();
update observed.ec2_security_group set row_id = null, superseded = true;
insert into observed.ec2_security_group (region, group_id, name, vpc, description, tags, group_name, row_id, managed)
select g.region, 'sg-new', g.name, 'vpc-shop', g.description, g.tags, 'web-2', g.row_id, true from ec2.security_group g;
