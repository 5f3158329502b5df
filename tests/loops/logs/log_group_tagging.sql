-- A log group's tags, through the whole loop.
-- never: rename

-- ground
insert into logs.log_group (name) values ('/shop/web'), ('/shop/other');

-- create: TagResource
insert into logs.log_group_tagging (log_group, tags) values ('/shop/web', '{"team": "a", "Name": "web"}');

-- update: TagResource UntagResource
update logs.log_group_tagging set tags = '{"team": "b"}';

-- drift: TagResource
{"tags": {"team": "c"}}

-- lost: TagResource

-- replace: UntagResource TagResource
update logs.log_group_tagging set log_group = '/shop/other';

-- delete: UntagResource
delete from logs.log_group_tagging;

-- adopt:
insert into logs.log_group_tagging (log_group, tags) values ('/shop/web', '{"team": "a"}');
