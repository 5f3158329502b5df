-- A planted value in every column that holds a secret; the test says which one is missing.
insert into secretsmanager.secret (name, value) values ('planted', 'hunter2plant-secret');
insert into ssm.parameter (name, type, secret_value) values ('/planted', 'SecureString', 'hunter2plant-parameter');
insert into ec2.vpc (name, cidr_block) values ('planted', '10.0.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('planted', 'planted', '10.0.0.0/24', 'us-east-1a');
insert into ec2.instance (name, image_id, instance_type, subnet, user_data) values ('planted', 'ami-12c6146b', 't3.micro', 'planted', 'hunter2plant-instance');
insert into ec2.launch_template (name, image_id, instance_type, user_data) values ('planted', 'ami-12c6146b', 't3.micro', 'hunter2plant-template');
insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password, skip_final_snapshot)
values ('planted', 'postgres', 'db.t3.micro', 20, 'planted', 'hunter2plant-instance-password', true);
insert into rds.db_cluster (name, engine, master_username, master_user_password, skip_final_snapshot)
values ('planted', 'aurora-postgresql', 'planted', 'hunter2plant-cluster-password', true);
insert into acm.certificate (name, certificate_body, private_key)
values ('planted', E'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', E'-----BEGIN PRIVATE KEY-----\nhunter2plantpem\n-----END PRIVATE KEY-----\n');
insert into iam.role (name, assume_role_policy_document) values
  ('planted', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}');
insert into lambda.function (name, role, runtime, handler, zip_file, environment)
values ('planted', 'planted', 'python3.13', 'main.handler', 'hunter2plantcode', '{"PASSWORD": "hunter2plant-environment"}');
insert into gateway.database (name, password) values ('planted', 'hunter2plant-gateway');
insert into fly.app (name) values ('planted');
insert into fly.secret (app, name, value) values ('planted', 'PLANTED', 'hunter2plant-fly');
insert into gateway.machine (name, key) values ('planted/db', 'hunter2plant-machine-0123456789abcdef');
insert into postgres.cluster (name, app, standbys, password, key, access_key_id, secret_access_key)
values ('planted', 'planted-cluster', 0, 'hunter2plant-cluster', 'hunter2plant-cluster-key-0123456789abcdef', 'planted', 'hunter2plant-cluster-bucket');
