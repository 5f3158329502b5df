-- Rows with all that makes a literal difficult.
insert into ec2.vpc (name, cidr_block, tags) values (E'o''clock \\ "two"; -- no', '10.0.0.0/16', E'{"a": "it''s \\\\ \\"quoted\\"\\nand goes on"}'), ('b', '10.1.0.0/16', '{}');
insert into ec2.vpc (region, name, cidr_block, vpc_id, reference_only) values ('eu-central-1', 'theirs', '10.1.0.0/16', 'vpc-1', true);
insert into ec2.subnet (name, vpc, cidr_block, map_public_ip_on_launch) values ('front', E'o''clock \\ "two"; -- no', '10.0.1.0/24', true), ('back', 'b', '10.1.1.0/24', false);
insert into ec2.security_group (name, vpc, description) values ('web', 'b', 'Web servers'), ('cache', 'b', 'Caches');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, referenced_security_group) values ('cache', 'ingress', 'tcp', 6379, 6379, 'web');
insert into ec2.instance (name, subnet, image_id, instance_type, user_data) values ('server', 'back', 'ami-1', 't3.micro', E'#!/bin/sh\necho hunter2');
insert into ec2.instance_security_group (instance, security_group) values ('server', 'web');
insert into s3.bucket (name) values ('a-bucket');
insert into s3.bucket_policy (bucket, policy) values ('a-bucket', '{"Version": "2012-10-17", "Statement": [{"Sid": "it''s", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a-bucket/*"}]}');
insert into secretsmanager.secret (name, description, value) values ('s', E'two\nlines', 'hunter2');
insert into rds.db_parameter_group (name, family, description) values ('p', 'postgres17', 'it''s');
insert into rds.db_parameter_group_parameter (db_parameter_group, name, value) values ('p', 'log_statement', 'all'), ('p', 'search_path', '"$user", public');
