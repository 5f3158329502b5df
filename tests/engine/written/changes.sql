-- What can be done to rows.
update ec2.vpc set name = 'renamed' where name = 'b';
update ec2.subnet set map_public_ip_on_launch = true, tags = '{"team": "a"}' where name = 'back';
update secretsmanager.secret set value = 'hunter3', description = null;
insert into ec2.security_group (name, vpc, description) values ('db', 'renamed', 'Databases');
update ec2.instance set name = 'machine';
insert into ec2.instance_security_group (instance, security_group) values ('machine', 'db');
delete from ec2.instance_security_group where security_group = 'web';
delete from ec2.security_group_rule where security_group = 'web';
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description) values ('web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0', 'again');
update rds.db_parameter_group_parameter set value = 'none' where name = 'log_statement';
delete from s3.bucket_policy;
delete from s3.bucket;
delete from ec2.subnet where name = 'front';
delete from ec2.vpc where cidr_block = '10.0.0.0/16';
