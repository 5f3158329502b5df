-- An alarm: what happens when a metric stays beyond a threshold.

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
  alarm_actions                        text[],
  ok_actions                           text[],
  insufficient_data_actions            text[],
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
    check (evaluate_low_sample_count_percentile in ('evaluate', 'ignore')),
  constraint there_are_at_most_5_actions_of_each_kind
    check (cardinality(alarm_actions) <= 5 and cardinality(ok_actions) <= 5 and cardinality(insufficient_data_actions) <= 5)
);

comment on table cloudwatch.metric_alarm is 'An alarm: what happens when a metric stays beyond a threshold. CloudWatch tells tags alarm by alarm, so none are kept; an alarm is known by its name.';
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
comment on column cloudwatch.metric_alarm.alarm_actions is 'What is done when it goes off, as ARNs: topics, functions, scaling policies, arn:aws:automate:us-east-1:ec2:stop, …. NULL: as it is; ''{}'': nothing. Kept sorted.';
comment on column cloudwatch.metric_alarm.ok_actions is 'What is done when all is well again, in the same way.';
comment on column cloudwatch.metric_alarm.insufficient_data_actions is 'What is done when nothing can be said, in the same way.';
comment on column cloudwatch.metric_alarm.state_value is '@cloud OK, ALARM or INSUFFICIENT_DATA.';
comment on column cloudwatch.metric_alarm.arn is '@identity The name that AWS gave it: arn:aws:cloudwatch:….';

create function cloudwatch.sort_actions() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.alarm_actions is not null then
    new.alarm_actions := array(select distinct a collate "C" from unnest(new.alarm_actions) a order by 1);
  end if;
  if new.ok_actions is not null then
    new.ok_actions := array(select distinct a collate "C" from unnest(new.ok_actions) a order by 1);
  end if;
  if new.insufficient_data_actions is not null then
    new.insufficient_data_actions := array(select distinct a collate "C" from unnest(new.insufficient_data_actions) a order by 1);
  end if;
  return new;
end
$$;
comment on function cloudwatch.sort_actions is 'Keeps the actions sorted, each once: a trigger.';

create trigger sort_actions before insert or update on cloudwatch.metric_alarm
  for each row execute function cloudwatch.sort_actions();

select iasql.register('cloudwatch.metric_alarm');
