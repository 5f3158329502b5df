-- A log group, through the whole loop. Its name is the API's own, so another name is another group. Its key is given at the start: the
-- emulator does not know AssociateKmsKey.
-- never: rename

-- ground
insert into kms.key (name) values ('shop');

-- create: CreateLogGroup
insert into logs.log_group (name, kms_key) values ('/shop/web', 'shop');

-- update: PutRetentionPolicy
update logs.log_group set retention_in_days = 14;

-- update: DeleteRetentionPolicy
update logs.log_group set retention_in_days = 0;

-- drift: DeleteRetentionPolicy
{"retention_in_days": 30}

-- lost: CreateLogGroup

-- replace: DeleteLogGroup CreateLogGroup
update logs.log_group set name = '/shop/store';
select iasql.allow_replace('logs.log_group', '/shop/store');

-- delete: DeleteLogGroup
delete from logs.log_group;

-- adopt:
insert into logs.log_group (name, retention_in_days) values ('/shop/own', 7);
