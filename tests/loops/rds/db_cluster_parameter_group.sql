-- Cluster parameter groups, through the whole loop. The emulator has no ResetDBClusterParameterGroup, so no parameter is taken out here.

-- create: CreateDBClusterParameterGroup ModifyDBClusterParameterGroup
insert into rds.db_cluster_parameter_group (name, family, description) values ('shop', 'aurora-postgresql16', 'The shop');
insert into rds.db_cluster_parameter_group_parameter (db_cluster_parameter_group, name, value) values ('shop', 'work_mem', '8192');

-- update: ModifyDBClusterParameterGroup AddTagsToResource
update rds.db_cluster_parameter_group_parameter set value = '16384';
update rds.db_cluster_parameter_group set tags = '{"team": "a"}';

-- drift: ModifyDBClusterParameterGroup
{"parameters": [{"name": "work_mem", "value": "4096"}]}

-- lost: CreateDBClusterParameterGroup ModifyDBClusterParameterGroup

-- replace: CreateDBClusterParameterGroup ModifyDBClusterParameterGroup DeleteDBClusterParameterGroup
update rds.db_cluster_parameter_group set name = 'store';

-- delete: DeleteDBClusterParameterGroup
delete from rds.db_cluster_parameter_group;

-- adopt: AddTagsToResource
insert into rds.db_cluster_parameter_group (name, family) values ('shop', 'aurora-postgresql16');
