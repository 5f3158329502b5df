-- A parameter, through the whole loop.

-- modules: kms ssm

-- never: rename

-- create: PutParameter
insert into ssm.parameter (name, value) values ('/shop/host', 'a.shop.internal');

-- update: PutParameter AddTagsToResource
update ssm.parameter set value = 'b.shop.internal', description = 'where it is', tags = '{"team": "a"}';

-- drift: PutParameter AddTagsToResource
{"value": "theirs", "tags": {"team": "b"}}

-- lost: PutParameter

-- replace: PutParameter DeleteParameter
update ssm.parameter set type = 'SecureString', value = null, secret_value = 'hunter2';

-- update: PutParameter AddTagsToResource
update ssm.parameter set secret_value = 'hunter3';

-- replace: PutParameter DeleteParameter
update ssm.parameter set name = '/shop/password';

-- delete: DeleteParameter
delete from ssm.parameter;

-- adopt: AddTagsToResource
insert into ssm.parameter (name, value) values ('/shop/host', 'a.shop.internal');
