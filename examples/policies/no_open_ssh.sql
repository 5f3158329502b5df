-- Nobody reaches port 22 from everywhere. Needs the module ec2.

create or replace view policy.no_open_ssh as
select r.security_group || ' in ' || r.region || ' lets everybody reach port 22: ' || coalesce(r.cidr_ipv4, r.cidr_ipv6) as complaint
from   ec2.security_group_rule r
where  r.direction = 'ingress'
and    (r.ip_protocol = '-1' or r.ip_protocol = 'tcp' and 22 between r.from_port and r.to_port)
and    masklen(coalesce(r.cidr_ipv4, r.cidr_ipv6)) = 0;

comment on view policy.no_open_ssh is 'A rule that lets everybody reach port 22.';
comment on column policy.no_open_ssh.complaint is 'Which group, and from where.';
