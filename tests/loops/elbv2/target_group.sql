-- A target group, through the whole loop.

-- modules: acm ec2 elbv2

-- ground: CreateVpc
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

-- create: CreateTargetGroup ModifyTargetGroupAttributes
insert into elbv2.target_group (name, target_type, protocol, port, vpc, health_check_path, deregistration_delay) values
  ('shop', 'ip', 'HTTP', 8080, 'shop', '/health', 30);

-- update: ModifyTargetGroup ModifyTargetGroupAttributes AddTags
update elbv2.target_group set health_check_path = '/alive', matcher = '200-299', stickiness = true, tags = '{"team": "a"}';

-- drift: ModifyTargetGroup AddTags
{"health_check_path": "/", "tags": {"team": "b"}}

-- lost: CreateTargetGroup ModifyTargetGroupAttributes

-- rename: AddTags
update elbv2.target_group set name = 'store';

-- replace: CreateTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup
update elbv2.target_group set port = 9090;

-- delete: DeleteTargetGroup
delete from elbv2.target_group;

-- adopt: AddTags
insert into elbv2.target_group (name, target_type, protocol, port, vpc) values ('shop', 'ip', 'HTTP', 8080, 'shop');
