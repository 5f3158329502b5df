-- A target, through the whole loop. All that it has says which one it is, so nothing changes in place.

-- modules: acm ec2 elbv2

-- never: update drift rename

-- ground: CreateVpc CreateTargetGroup
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into elbv2.target_group (name, target_type, protocol, port, vpc) values ('shop', 'ip', 'HTTP', 8080, 'shop');

-- create: RegisterTargets
insert into elbv2.target (target_group, ip, port) values ('shop', '10.20.0.10', 8080);

-- lost: RegisterTargets

-- replace: RegisterTargets DeregisterTargets
update elbv2.target set ip = '10.20.0.11';

-- delete: DeregisterTargets
delete from elbv2.target;

-- adopt:
insert into elbv2.target (target_group, ip, port) values ('shop', '10.20.0.10', 8080);
