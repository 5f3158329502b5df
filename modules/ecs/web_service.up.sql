-- A web service in one call: all the rows that it takes, from the load balancer to the container.

create function ecs.make_web_service(
  name              text,
  image             text,
  port              integer,
  vpc               text,
  subnets           text[],
  desired_count     integer default 1,
  cpu               integer default 256,
  memory            integer default 512,
  environment       jsonb   default '{}',
  health_check_path text    default '/',
  open_to           cidr    default '0.0.0.0/0',
  region            text    default iasql.default_region()
) returns table (resource text, key text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  made     alias for name;
  place    alias for region;
  front    text := name || '-front';
  role     text := name || '-execution';
  logs     text := '/ecs/' || name;
  trust    jsonb := '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}';
  -- those of AWS' own AmazonECSTaskExecutionRolePolicy
  rights   jsonb := '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [
    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
    "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]}';
begin
  insert into ec2.security_group (region, name, vpc, description) values
    (place, front, $4, 'Who reaches the load balancer of ' || made), (place, made, $4, 'Who reaches the tasks of ' || made);
  insert into ec2.security_group_rule (region, security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values
    (place, front, 'ingress', 'tcp', 80, 80, $11);
  insert into ec2.security_group_rule (region, security_group, direction, ip_protocol, from_port, to_port, referenced_security_group) values
    (place, made, 'ingress', 'tcp', $3, $3, front);

  insert into elbv2.load_balancer (region, name) values (place, made);
  insert into elbv2.load_balancer_subnet (region, load_balancer, subnet) select place, made, s from unnest($5) s;
  insert into elbv2.load_balancer_security_group (region, load_balancer, security_group) values (place, made, front);
  insert into elbv2.target_group (region, name, target_type, protocol, port, vpc, health_check_path) values (place, made, 'ip', 'HTTP', $3, $4, $10);
  insert into elbv2.listener (region, name, load_balancer, port, protocol, target_group) values (place, made, made, 80, 'HTTP', made);

  insert into logs.log_group (region, name, retention_in_days) values (place, logs, 30);
  insert into iam.role (name, assume_role_policy_document) values (role, trust);
  insert into iam.role_inline_policy (role, name, policy_document) values (role, 'run', rights);

  insert into ecs.cluster (region, name) values (place, made);
  insert into ecs.task_definition (region, family, requires_compatibilities, network_mode, cpu, memory, execution_role) values
    (place, made, '{FARGATE}', 'awsvpc', $7, $8, role);
  insert into ecs.container_definition (region, task_definition, name, image, port_mappings, environment, log_group, log_stream_prefix) values
    (place, made, made, $2, jsonb_build_array(jsonb_build_object('container_port', $3)), $9, logs, made);
  insert into ecs.service (region, cluster, name, task_definition, desired_count, launch_type, assign_public_ip) values
    (place, made, made, made, $6, 'FARGATE', true);
  insert into ecs.service_subnet (region, cluster, service, subnet) select place, made, made, s from unnest($5) s;
  insert into ecs.service_security_group (region, cluster, service, security_group) values (place, made, made, made);
  insert into ecs.service_load_balancer (region, cluster, service, target_group, container_name, container_port) values (place, made, made, made, made, $3);

  return query values
    ('ec2.security_group', front), ('ec2.security_group', made), ('ec2.security_group_rule', front || ' tcp 80'), ('ec2.security_group_rule', made || ' tcp ' || $3),
    ('elbv2.load_balancer', made), ('elbv2.target_group', made), ('elbv2.listener', made), ('logs.log_group', logs), ('iam.role', role),
    ('iam.role_inline_policy', role || ' run'), ('ecs.cluster', made), ('ecs.task_definition', made), ('ecs.container_definition', made), ('ecs.service', made);
end
$$;
comment on function ecs.make_web_service is 'Inserts all that a web service takes: a load balancer that is open to a range of addresses on port 80, and behind it tasks of FARGATE that run an image and listen on a port. Answers what it inserted; ecs.drop_web_service() takes it back.';

create function ecs.drop_web_service(name text, region text default iasql.default_region()) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  made  alias for name;
  place alias for region;
begin
  delete from ecs.service s where s.region = place and s.cluster = made and s.name = made;
  delete from ecs.task_definition t where t.region = place and t.family = made;
  delete from ecs.cluster c where c.region = place and c.name = made;
  delete from iam.role_inline_policy p where p.role = made || '-execution';
  delete from iam.role r where r.name = made || '-execution';
  delete from logs.log_group l where l.region = place and l.name = '/ecs/' || made;
  delete from elbv2.listener l where l.region = place and l.load_balancer = made;
  delete from elbv2.target_group t where t.region = place and t.name = made;
  delete from elbv2.load_balancer b where b.region = place and b.name = made;
  delete from ec2.security_group_rule r where r.region = place and r.security_group in (made, made || '-front');
  delete from ec2.security_group g where g.region = place and g.name in (made, made || '-front');
end
$$;
comment on function ecs.drop_web_service is 'Deletes the rows that ecs.make_web_service() inserted.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('ecs');
