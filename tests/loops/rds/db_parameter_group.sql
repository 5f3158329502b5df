-- Parameter groups, through the whole loop.

-- create: CreateDBParameterGroup ModifyDBParameterGroup
insert into rds.db_parameter_group (name, family, description) values ('shop', 'postgres16', 'The shop');
insert into rds.db_parameter_group_parameter (db_parameter_group, name, value) values ('shop', 'work_mem', '8192');

-- update: ModifyDBParameterGroup AddTagsToResource
update rds.db_parameter_group_parameter set value = '16384';
update rds.db_parameter_group set tags = '{"team": "a"}';

-- drift: ModifyDBParameterGroup
{"parameters": [{"name": "work_mem", "value": "4096"}]}

-- lost: CreateDBParameterGroup ModifyDBParameterGroup

-- replace: CreateDBParameterGroup ModifyDBParameterGroup DeleteDBParameterGroup
update rds.db_parameter_group set name = 'store';

-- delete: DeleteDBParameterGroup
delete from rds.db_parameter_group;

-- adopt: AddTagsToResource
insert into rds.db_parameter_group (name, family) values ('shop', 'postgres16');
