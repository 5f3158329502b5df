-- The engine's own infrastructure: a network, a load balancer, a service with its image's repository, a database, and who may do what.

create function iasql_engine.blueprint_parameters() returns jsonb
language sql immutable
return jsonb_build_object(
  'name', 'iasql', 'region', null, 'zones', null, 'cidr_block', '10.90.0.0/16', 'domain', null, 'hosted_zone', null, 'open_to', '0.0.0.0/0',
  'image_tag', 'latest', 'desired_count', '1', 'cpu', '512', 'memory', '1024', 'db_instance_class', 'db.t4g.small', 'allocated_storage', '20',
  'multi_az', 'false', 'policy_arn', 'arn:aws:iam::aws:policy/AdministratorAccess');
comment on function iasql_engine.blueprint_parameters is 'What the blueprint reads, and what it takes where nothing is said: name (of all it makes), region (the database''s), zones (a and b of the region), cidr_block, domain (then with certificate, HTTPS and DNS), hosted_zone (a row of route53.hosted_zone that the domain is in; a new one for the domain where none is named), open_to (who reaches it), image_tag, desired_count, cpu, memory, db_instance_class, allocated_storage, multi_az, policy_arn (what the engine may do).';

-- All or nothing, and nothing that stands already is touched: calling it again inserts what is missing.
create function iasql_engine.blueprint(parameters jsonb default '{}') returns void
language plpgsql as $$
declare
  known   jsonb := iasql_engine.blueprint_parameters();
  given   jsonb := known || jsonb_strip_nulls(parameters);
  stray   text  := (select string_agg(k, ', ' order by k) from jsonb_object_keys(parameters) k where not known ? k);
  name    text  := given ->> 'name';
  region  text  := coalesce(given ->> 'region', iasql.default_region());
  zones   text[] := coalesce((select array_agg(z) from jsonb_array_elements_text(case when jsonb_typeof(given -> 'zones') = 'array' then given -> 'zones' end) z), array[region || 'a', region || 'b']);
begin
  if stray is not null then
    raise exception 'the blueprint iasql_engine reads no %', stray
      using errcode = 'invalid_parameter_value', hint = 'It reads: ' || (select string_agg(k, ', ' order by k) from jsonb_object_keys(known) k);
  end if;
  if name !~ '^[a-z][a-z0-9-]{0,19}$' then
    raise exception 'the name % can''t be that of all it makes: it takes a small letter, then up to 19 small letters, digits and hyphens', name using errcode = 'invalid_parameter_value';
  end if;
  perform iasql_engine.make_ground(name, region, zones, given);
  perform iasql_engine.make_roles(name, given ->> 'policy_arn');
  perform iasql_engine.make_secrets(name, region);
  perform iasql_engine.make_database(name, region, given);
  perform iasql_engine.make_entrance(name, region, given);
  if given ->> 'domain' is not null then
    perform iasql_engine.make_domain(name, region, given ->> 'domain', given ->> 'hosted_zone');
  end if;
  perform iasql_engine.make_service(name, region, given);
end
$$;
comment on function iasql_engine.blueprint is 'Inserts the rows of the engine''s own infrastructure, as far as they are not there. select iasql_engine.blueprint(''{"domain": "iasql.example.com"}''); what it reads: iasql_engine.blueprint_parameters().';

create function iasql_engine.make_ground(name text, region text, zones text[], given jsonb) returns void
language plpgsql as $$
begin
  if not exists (select from ec2.vpc v where (v.region, v.name) = (make_ground.region, make_ground.name)) then
    perform ec2.make_network(name, (given ->> 'cidr_block')::cidr, zones, false, region);
  end if;
  insert into ec2.security_group (region, name, vpc, description) values
    (region, name || '-entrance', name, 'The load balancer: what the world reaches'),
    (region, name || '-engine', name, 'The engine: what the load balancer reaches'),
    (region, name || '-database', name, 'The metadata database: what the engine reaches')
  on conflict do nothing;
  insert into ec2.security_group_rule (region, security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description)
  select make_ground.region, make_ground.name || '-entrance', 'ingress', 'tcp', port, port, (given ->> 'open_to')::cidr, said
  from   (values (80, 'HTTP'), (443, 'HTTPS')) p (port, said) where port = 80 or given ->> 'domain' is not null
  on conflict do nothing;
  insert into ec2.security_group_rule (region, security_group, direction, ip_protocol, from_port, to_port, referenced_security_group) values
    (region, name || '-engine', 'ingress', 'tcp', 8088, 8088, name || '-entrance'),
    (region, name || '-database', 'ingress', 'tcp', 5432, 5432, name || '-engine')
  on conflict do nothing;
  -- a new group lets everything out by a rule that AWS makes with it
end
$$;
comment on function iasql_engine.make_ground is 'The network, and who reaches whom in it.';

create function iasql_engine.make_roles(name text, policy_arn text) returns void
language plpgsql as $$
declare
  tasks constant jsonb := '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}';
begin
  insert into iam.role (name, description, assume_role_policy_document) values
    (make_roles.name || '-execution', 'ECS: pulls the image and writes the log', tasks),
    (make_roles.name || '-engine', 'The engine: makes what the rows say', tasks)
  on conflict do nothing;
  insert into iam.role_policy_attachment (role, policy_arn) values
    (make_roles.name || '-execution', 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'),
    (make_roles.name || '-engine', make_roles.policy_arn)
  on conflict do nothing;
end
$$;
comment on function iasql_engine.make_roles is 'What ECS may do to start the engine, and what the engine may do.';

-- Two random uuids are 244 bits: nobody types them.
create function iasql_engine.random_text() returns text
language sql volatile
return replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
comment on function iasql_engine.random_text is 'A text that nobody guesses: 64 hexadecimal digits.';

create function iasql_engine.make_secrets(name text, region text) returns void
language plpgsql as $$
begin
  insert into secretsmanager.secret (region, name, description, value) values
    (make_secrets.region, make_secrets.name || '/database', 'The master password of the metadata database', iasql_engine.random_text()),
    (make_secrets.region, make_secrets.name || '/token', 'The bearer token of the engine''s HTTP', iasql_engine.random_text()),
    -- the engine gives it its value when it starts for the first time
    (make_secrets.region, make_secrets.name || '/key', 'The engine''s key, which opens what databases seal', null)
  on conflict do nothing;
end
$$;
comment on function iasql_engine.make_secrets is 'The database''s password and the token for HTTP, made by chance; and where the engine keeps its key.';

create function iasql_engine.make_database(name text, region text, given jsonb) returns void
language plpgsql as $$
begin
  insert into rds.db_subnet_group (region, name, description)
  values (make_database.region, make_database.name, 'Where the metadata database stands')
  on conflict do nothing;
  insert into rds.db_subnet_group_subnet (region, db_subnet_group, subnet)
  select s.region, make_database.name, s.name
  from   ec2.subnet s where (s.region, s.vpc) = (make_database.region, make_database.name) and not coalesce(s.map_public_ip_on_launch, false)
  on conflict do nothing;
  insert into rds.db_instance (region, name, engine, db_instance_class, allocated_storage, storage_type, storage_encrypted, multi_az,
                               master_username, password_secret, db_name, db_subnet_group, backup_retention_period, publicly_accessible, skip_final_snapshot)
  values (make_database.region, make_database.name, 'postgres', given ->> 'db_instance_class', (given ->> 'allocated_storage')::integer, 'gp3', true,
          (given ->> 'multi_az')::boolean, 'iasql', make_database.name || '/database', 'iasql', make_database.name, 7, false, false)
  on conflict do nothing;
  insert into rds.db_instance_security_group (region, db_instance, security_group)
  values (make_database.region, make_database.name, make_database.name || '-database')
  on conflict do nothing;
end
$$;
comment on function iasql_engine.make_database is 'The metadata database, out of the world''s reach.';

create function iasql_engine.make_entrance(name text, region text, given jsonb) returns void
language plpgsql as $$
begin
  insert into elbv2.load_balancer (region, name, scheme) values (make_entrance.region, make_entrance.name, 'internet-facing')
  on conflict do nothing;
  insert into elbv2.load_balancer_subnet (region, load_balancer, subnet)
  select s.region, make_entrance.name, s.name
  from   ec2.subnet s where (s.region, s.vpc) = (make_entrance.region, make_entrance.name) and s.map_public_ip_on_launch
  on conflict do nothing;
  insert into elbv2.load_balancer_security_group (region, load_balancer, security_group)
  values (make_entrance.region, make_entrance.name, make_entrance.name || '-entrance')
  on conflict do nothing;
  insert into elbv2.target_group (region, name, target_type, protocol, port, vpc, health_check_path, deregistration_delay)
  values (make_entrance.region, make_entrance.name, 'ip', 'HTTP', 8088, make_entrance.name, '/healthz', 15)
  on conflict do nothing;
  insert into elbv2.listener (region, name, load_balancer, port, protocol, target_group, redirect)
  values (make_entrance.region, make_entrance.name || '-http', make_entrance.name, 80, 'HTTP',
          case when given ->> 'domain' is null then make_entrance.name end,
          case when given ->> 'domain' is not null then '{"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}'::jsonb end)
  on conflict do nothing;
end
$$;
comment on function iasql_engine.make_entrance is 'The load balancer, and where it leads.';

create function iasql_engine.make_domain(name text, region text, domain text, hosted_zone text) returns void
language plpgsql as $$
declare
  zone text := coalesce(make_domain.hosted_zone, make_domain.domain);
begin
  if make_domain.hosted_zone is null then
    insert into route53.hosted_zone (name, domain_name) values (zone, make_domain.domain) on conflict do nothing;
  end if;
  insert into acm.certificate (region, name, domain_name, validation_method)
  values (make_domain.region, make_domain.name, make_domain.domain, 'DNS') on conflict do nothing;
  insert into route53.certificate_validation (region, certificate, domain_name, hosted_zone)
  values (make_domain.region, make_domain.name, make_domain.domain, zone) on conflict do nothing;
  insert into route53.record (hosted_zone, name, type, load_balancer_region, load_balancer, evaluate_target_health)
  values (zone, make_domain.domain, 'A', make_domain.region, make_domain.name, true) on conflict do nothing;
  insert into elbv2.listener (region, name, load_balancer, port, protocol, certificate, target_group)
  values (make_domain.region, make_domain.name || '-https', make_domain.name, 443, 'HTTPS', make_domain.name, make_domain.name) on conflict do nothing;
end
$$;
comment on function iasql_engine.make_domain is 'The name in DNS, the certificate that is validated by DNS, and the listener that shows it.';

create function iasql_engine.make_service(name text, region text, given jsonb) returns void
language plpgsql as $$
begin
  insert into ecr.repository (region, name, scan_on_push, force_delete) values (make_service.region, make_service.name, true, true) on conflict do nothing;
  insert into ecr.repository_policy (region, repository, policy)
  values (make_service.region, make_service.name, '{"Version": "2012-10-17", "Statement": [{"Sid": "ECS pulls", "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}')
  on conflict do nothing;
  insert into ecr.lifecycle_policy (region, repository, lifecycle_policy)
  values (make_service.region, make_service.name, '{"rules": [{"rulePriority": 1, "description": "what no tag names goes after two weeks", "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}, "action": {"type": "expire"}}]}')
  on conflict do nothing;
  insert into logs.log_group (region, name, retention_in_days) values (make_service.region, '/' || make_service.name || '/engine', 30) on conflict do nothing;
  insert into ecs.cluster (region, name) values (make_service.region, make_service.name) on conflict do nothing;
  insert into ecs.task_definition (region, family, requires_compatibilities, network_mode, cpu, memory, execution_role, task_role)
  values (make_service.region, make_service.name, '{FARGATE}', 'awsvpc', (given ->> 'cpu')::integer, (given ->> 'memory')::integer, make_service.name || '-execution', make_service.name || '-engine')
  on conflict do nothing;
  insert into ecs.container_definition (region, task_definition, name, repository, image_tag, command, environment, port_mappings, log_group, log_stream_prefix)
  values (make_service.region, make_service.name, 'engine', make_service.name, given ->> 'image_tag', '{serve}',
          jsonb_build_object('AWS_REGION', make_service.region, 'IASQL_LISTEN', '0.0.0.0:8088', 'IASQL_RDS_INSTANCE', make_service.name,
                             'IASQL_RDS_SECRET', make_service.name || '/database', 'IASQL_TOKEN_SECRET', make_service.name || '/token', 'IASQL_KEY_SECRET', make_service.name || '/key'),
          '[{"container_port": 8088}]', '/' || make_service.name || '/engine', 'engine')
  on conflict do nothing;
  insert into ecs.service (region, cluster, name, task_definition, desired_count, launch_type, assign_public_ip, health_check_grace_period_seconds)
  values (make_service.region, make_service.name, make_service.name, make_service.name, (given ->> 'desired_count')::integer, 'FARGATE', true, 60)
  on conflict do nothing;
  insert into ecs.service_subnet (region, cluster, service, subnet)
  select s.region, make_service.name, make_service.name, s.name
  from   ec2.subnet s where (s.region, s.vpc) = (make_service.region, make_service.name) and s.map_public_ip_on_launch
  on conflict do nothing;
  insert into ecs.service_security_group (region, cluster, service, security_group)
  values (make_service.region, make_service.name, make_service.name, make_service.name || '-engine') on conflict do nothing;
  insert into ecs.service_load_balancer (region, cluster, service, target_group, container_name, container_port)
  values (make_service.region, make_service.name, make_service.name, make_service.name, 'engine', 8088) on conflict do nothing;
end
$$;
comment on function iasql_engine.make_service is 'The image''s repository, the log, and the service that runs the image.';
