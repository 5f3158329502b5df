-- An alarm: what happens when a metric stays beyond a threshold. And what is done then.

create table cloudwatch.metric_alarm (
  region                               text             not null default iasql.default_region(),
  name                                 text             not null,
  alarm_description                    text,
  namespace                            text             not null,
  metric_name                          text             not null,
  dimensions                           jsonb            not null default '{}',
  statistic                            text,
  extended_statistic                   text,
  unit                                 text,
  period                               integer          not null,
  evaluation_periods                   integer          not null,
  datapoints_to_alarm                  integer,
  comparison_operator                  text             not null,
  threshold                            double precision not null,
  treat_missing_data                   text,
  evaluate_low_sample_count_percentile text,
  actions_enabled                      boolean,
  state_value                          text,
  arn                                  text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  constraint an_alarm_name_has_1_to_255_characters
    check (length(name) between 1 and 255),
  constraint an_alarm_description_has_at_most_1024_characters
    check (length(alarm_description) <= 1024),
  constraint a_namespace_and_a_metric_name_have_1_to_255_characters
    check (length(namespace) between 1 and 255 and length(metric_name) between 1 and 255 and not starts_with(namespace, ':')),
  constraint dimensions_are_texts_by_name
    check (iasql.are_tags(dimensions - 'Name')),
  constraint an_alarm_has_a_statistic_or_an_extended_one
    check (num_nonnulls(statistic, extended_statistic) = 1),
  constraint a_statistic_is_one_that_aws_knows
    check (statistic in ('SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum')),
  constraint an_extended_statistic_is_like_p99
    check (extended_statistic ~ '^(p|tm|tc|ts|wm|PR|TM|TC|TS|WM|IQM)'),
  constraint a_period_has_10_20_or_30_seconds_or_whole_minutes
    check (period in (10, 20, 30) or period > 0 and period % 60 = 0),
  constraint an_alarm_looks_at_one_period_or_more
    check (evaluation_periods >= 1),
  constraint datapoints_to_alarm_are_some_of_the_periods
    check (datapoints_to_alarm between 1 and evaluation_periods),
  constraint a_comparison_operator_is_one_that_aws_knows
    check (comparison_operator in ('GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'LessThanThreshold', 'LessThanOrEqualToThreshold')),
  constraint missing_data_are_breaching_notbreaching_ignore_or_missing
    check (treat_missing_data in ('breaching', 'notBreaching', 'ignore', 'missing')),
  constraint few_samples_are_evaluated_or_ignored
    check (evaluate_low_sample_count_percentile in ('evaluate', 'ignore'))
);

comment on table cloudwatch.metric_alarm is 'An alarm: something happens when a metric stays beyond a threshold; what, stands in cloudwatch.metric_alarm_action. CloudWatch tells tags alarm by alarm, so none are kept; an alarm is known by its name.';
comment on column cloudwatch.metric_alarm.region is 'The AWS region, as in us-east-1.';
comment on column cloudwatch.metric_alarm.name is '@immutable Its name.';
comment on column cloudwatch.metric_alarm.alarm_description is 'What it is for. NULL: as it is; an empty text: nothing.';
comment on column cloudwatch.metric_alarm.namespace is 'Where the metric is kept: AWS/EC2, or one of your own.';
comment on column cloudwatch.metric_alarm.metric_name is 'The metric, as in CPUUtilization.';
comment on column cloudwatch.metric_alarm.dimensions is 'Which of the metrics of that name, by dimension: {"InstanceId": "i-0a1b2c…"}.';
comment on column cloudwatch.metric_alarm.statistic is 'What is made of the values of a period: SampleCount, Average, Sum, Minimum or Maximum. NULL where there is an extended_statistic.';
comment on column cloudwatch.metric_alarm.extended_statistic is 'The same by percentiles: p99, tm95, …. NULL where there is a statistic.';
comment on column cloudwatch.metric_alarm.unit is '@exact Only values of this unit count: Seconds, Bytes, Percent, Count, …. NULL: whichever the metric has.';
comment on column cloudwatch.metric_alarm.period is 'The length of a period in seconds: 10, 20, 30, or a multiple of 60.';
comment on column cloudwatch.metric_alarm.evaluation_periods is 'How many periods are looked at.';
comment on column cloudwatch.metric_alarm.datapoints_to_alarm is '@exact In how many of them it must be beyond the threshold. NULL: in all of them.';
comment on column cloudwatch.metric_alarm.comparison_operator is 'GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThanThreshold or LessThanOrEqualToThreshold.';
comment on column cloudwatch.metric_alarm.threshold is 'The threshold.';
comment on column cloudwatch.metric_alarm.treat_missing_data is 'What a period without values counts as: breaching, notBreaching, ignore or missing. NULL: as it is, at first missing.';
comment on column cloudwatch.metric_alarm.evaluate_low_sample_count_percentile is 'With a percentile of few values: evaluate or ignore. NULL: as it is, at first evaluate.';
comment on column cloudwatch.metric_alarm.actions_enabled is 'Whether anything is done at all. NULL: as it is, at first yes.';
comment on column cloudwatch.metric_alarm.state_value is '@cloud OK, ALARM or INSUFFICIENT_DATA.';
comment on column cloudwatch.metric_alarm.arn is '@identity The name that AWS gave it: arn:aws:cloudwatch:….';

select iasql.register('cloudwatch.metric_alarm');

create table cloudwatch.metric_alarm_action (
  region       text not null default iasql.default_region(),
  metric_alarm text not null,
  state        text not null default 'ALARM',
  topic        text,
  arn          text,
  constraint an_action_stands_once_for_a_state
    unique nulls not distinct (region, metric_alarm, state, topic, arn),
  foreign key (region, metric_alarm) references cloudwatch.metric_alarm (region, name) on update cascade on delete cascade,
  foreign key (region, topic) references sns.topic (region, name) on update cascade,
  constraint a_state_is_alarm_ok_or_insufficient_data
    check (state in ('ALARM', 'OK', 'INSUFFICIENT_DATA')),
  constraint an_action_is_a_topic_or_the_arn_of_something_else
    check (num_nonnulls(topic, arn) = 1 and arn !~ '^arn:[^:]+:sns:')
);

comment on table cloudwatch.metric_alarm_action is 'What is done when an alarm comes into a state. No row: as it is, at first nothing.';
comment on column cloudwatch.metric_alarm_action.region is 'The AWS region, as in us-east-1.';
comment on column cloudwatch.metric_alarm_action.metric_alarm is '@part actions The alarm.';
comment on column cloudwatch.metric_alarm_action.state is 'When: ALARM, OK (all is well again) or INSUFFICIENT_DATA (nothing can be said).';
comment on column cloudwatch.metric_alarm_action.topic is 'The topic that gets to know. A topic of somebody else''s stands in sns.topic with reference_only.';
comment on column cloudwatch.metric_alarm_action.arn is 'Something else, by its ARN: a function, a scaling policy, arn:aws:automate:us-east-1:ec2:stop, ….';

select iasql.register('cloudwatch.metric_alarm_action');
