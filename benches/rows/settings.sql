-- A rule in each of the 200 security groups, and every tenth of the buckets versioned.

insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4)
select g.name, 'ingress', 'tcp', 443, 443, '10.0.0.0/8' from ec2.security_group g;

insert into s3.bucket_versioning (bucket, status)
select b.name, 'Enabled' from s3.bucket b where b.name like '%0';
