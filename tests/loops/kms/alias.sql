-- An alias, through the whole loop.

-- never: rename

-- ground: CreateKey CreateKey
insert into kms.key (name) values ('shop'), ('store');

-- create: CreateAlias
insert into kms.alias (name, key) values ('alias/shop', 'shop');

-- update: UpdateAlias
update kms.alias set key = 'store';

-- lost: CreateAlias

-- update: UpdateAlias
update kms.alias set key = 'shop';

-- replace: CreateAlias DeleteAlias
update kms.alias set name = 'alias/store';

-- delete: DeleteAlias
delete from kms.alias;

-- adopt:
insert into kms.alias (name, key) values ('alias/shop', 'shop');
