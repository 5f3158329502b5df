select 'vpc ' || name || ' ' || cidr_block from ec2.vpc where not reference_only
union all
select 'subnet ' || name || ' ' || cidr_block || ' ' || coalesce(tags ->> 'round', '-') from ec2.subnet where not reference_only
union all
select 'group ' || name from ec2.security_group where not reference_only
union all
select 'rule ' || security_group || ' ' || from_port || ' ' || cidr_ipv4 from ec2.security_group_rule where direction = 'ingress'
