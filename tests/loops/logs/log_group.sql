-- A log group, through the whole loop. Its name is the API's own, so another name is another group.
-- never: rename

-- ground
insert into kms.key (name) values ('shop');

-- create: CreateLogGroup
insert into logs.log_group (name) values ('/shop/web');

-- update: PutRetentionPolicy
update logs.log_group set retention_in_days = 14;

-- update: DeleteRetentionPolicy AssociateKmsKey
update logs.log_group set retention_in_days = 0, kms_key = 'shop';

-- drift: DeleteRetentionPolicy
{"retention_in_days": 30}

-- lost: CreateLogGroup

-- replace: DeleteLogGroup CreateLogGroup
update logs.log_group set name = '/shop/store';

-- delete: DeleteLogGroup
delete from logs.log_group;

-- adopt:
insert into logs.log_group (name, retention_in_days) values ('/shop/web', 7);
