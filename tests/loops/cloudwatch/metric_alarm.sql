-- An alarm with what is done in its states, through the whole loop.

-- never: rename

-- ground
insert into sns.topic (name) values ('alarms'), ('nights');

-- create: PutMetricAlarm
insert into cloudwatch.metric_alarm (name, namespace, metric_name, dimensions, statistic, period, evaluation_periods, comparison_operator, threshold)
  values ('busy', 'AWS/EC2', 'CPUUtilization', '{"InstanceId": "i-0a1b2c3d4e5f60718"}', 'Average', 300, 3, 'GreaterThanThreshold', 90);
insert into cloudwatch.metric_alarm_action (metric_alarm, state, topic) values ('busy', 'ALARM', 'nights'), ('busy', 'ALARM', 'alarms'), ('busy', 'OK', 'alarms');
insert into cloudwatch.metric_alarm_action (metric_alarm, arn) values ('busy', 'arn:aws:automate:us-east-1:ec2:stop');

-- update: PutMetricAlarm
update cloudwatch.metric_alarm set threshold = 92.5, datapoints_to_alarm = 2, unit = 'Percent', treat_missing_data = 'ignore', alarm_description = 'Busy.';

-- of two states to one, and another topic
-- update: PutMetricAlarm
delete from cloudwatch.metric_alarm_action where state = 'OK' or topic = 'alarms';
insert into cloudwatch.metric_alarm_action (metric_alarm, state, topic) values ('busy', 'INSUFFICIENT_DATA', 'alarms');

-- back to what it is where nothing is said, and a percentile instead of an average
-- update: PutMetricAlarm
update cloudwatch.metric_alarm set datapoints_to_alarm = null, unit = null, alarm_description = '', statistic = null, extended_statistic = 'p99', actions_enabled = false;

-- drift: PutMetricAlarm
{"threshold": 10, "actions": []}

-- lost: PutMetricAlarm

-- replace: PutMetricAlarm DeleteAlarms
update cloudwatch.metric_alarm set name = 'very-busy';

-- delete: DeleteAlarms
delete from cloudwatch.metric_alarm;

-- adopt:
insert into cloudwatch.metric_alarm (name, namespace, metric_name, statistic, period, evaluation_periods, comparison_operator, threshold)
  values ('orders', 'Shop', 'Orders', 'Sum', 60, 5, 'LessThanOrEqualToThreshold', 0);
insert into cloudwatch.metric_alarm_action (metric_alarm, topic) values ('orders', 'alarms');
