-- An access key, through the whole loop. One that was not made here can't be taken over, for nobody knows its secret half.

-- never: rename adopt

-- ground: CreateUser
insert into iam.user (name) values ('shop');

-- create: CreateAccessKey PutParameter
insert into iam.access_key (user_name) values ('shop');

-- update: UpdateAccessKey
update iam.access_key set status = 'Inactive';

-- drift: UpdateAccessKey
{"status": "Active"}

-- lost: CreateAccessKey PutParameter UpdateAccessKey

-- replace: CreateAccessKey PutParameter UpdateAccessKey DeleteAccessKey DeleteParameter
update iam.access_key set name = 'second';

-- delete: DeleteAccessKey DeleteParameter
delete from iam.access_key;
