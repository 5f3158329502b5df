-- Where a function's messages go, for two weeks. Without the row Lambda makes the group by itself, and keeps everything for ever.

insert into logs.log_group (name, retention_in_days) values ('/aws/lambda/shop', 14);
insert into logs.log_group_tagging (log_group, tags) values ('/aws/lambda/shop', '{"team": "shop"}');
