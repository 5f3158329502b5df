-- The tags of a log group: a table of their own, because CloudWatch Logs tells them group by group.

create table logs.log_group_tagging (
  region    text  not null default iasql.default_region(),
  log_group text  not null,
  tags      jsonb not null,
  primary key (region, log_group),
  foreign key (region, log_group) references logs.log_group (region, name) on update cascade,
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name')),
  constraint a_log_group_has_1_to_50_tags
    check (tags <> '{}' and jsonb_array_length(jsonb_path_query_array(tags, '$.keyvalue()')) <= 50)
);

comment on table logs.log_group_tagging is 'The tags of a log group. Deleting the row takes all of them away.';
comment on column logs.log_group_tagging.region is 'The AWS region, as in us-east-1.';
comment on column logs.log_group_tagging.log_group is '@immutable @cascade The log group.';
comment on column logs.log_group_tagging.tags is 'Tags by key.';

select iasql.register('logs.log_group_tagging');
