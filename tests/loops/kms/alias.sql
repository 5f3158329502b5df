-- An alias, through the whole loop.

-- never: rename

-- ground: CreateKey CreateKey
insert into kms.key (name) values ('shop'), ('store');

-- create: CreateAlias
insert into kms.alias (name, key) values ('alias/shop', 'shop');

-- update: UpdateAlias
update kms.alias set key = 'store';

-- drift: UpdateAlias
{"key": "arn:aws:kms:us-east-1:123456789012:key/0"}

-- lost: CreateAlias

-- replace: CreateAlias DeleteAlias
update kms.alias set name = 'alias/store';

-- delete: DeleteAlias
delete from kms.alias;

-- adopt:
insert into kms.alias (name, key) values ('alias/shop', 'shop');
