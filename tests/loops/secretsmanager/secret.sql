-- Secrets, through the whole loop. Whether somebody else wrote another value is tested in tests/aws/secretsmanager.rs: a walk knows no values.
-- The emulator takes no empty description.

-- create: CreateSecret
insert into secretsmanager.secret (name, description, value, recovery_window_in_days) values ('shop/database', 'The shop', 'hunter2hunter2', 0);

-- update: UpdateSecret
update secretsmanager.secret set value = 'hunter3hunter3';

-- update: UpdateSecret TagResource
update secretsmanager.secret set description = 'A shop', tags = '{"team": "a"}';

-- drift: UpdateSecret
{"description": "theirs"}

-- lost: CreateSecret

-- replace: CreateSecret DeleteSecret
update secretsmanager.secret set name = 'store/database';
select iasql.allow_replace('secretsmanager.secret', 'store/database');

-- delete: DeleteSecret
delete from secretsmanager.secret;

-- adopt: TagResource
insert into secretsmanager.secret (name, value, recovery_window_in_days) values ('shop/other', 'hunter2hunter2', 0);
