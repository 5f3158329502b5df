-- A user, through the whole loop. The emulator has no permissions boundaries for users.

-- never: rename

-- create: CreateUser
insert into iam.user (name) values ('shop');

-- update: TagUser
update iam.user set tags = '{"team": "a"}';

-- drift: TagUser
{"tags": {"team": "b"}}

-- lost: CreateUser

-- replace: CreateUser DeleteUser
update iam.user set name = 'store';

-- delete: DeleteUser
delete from iam.user;

-- adopt: TagUser
insert into iam.user (name) values ('shop');
