-- An alarm for a machine that is busy for a quarter of an hour, and a topic that gets to know.

insert into sns.topic (name) values ('shop-alarms');

insert into cloudwatch.metric_alarm (name, namespace, metric_name, dimensions, statistic, period, evaluation_periods, comparison_operator, threshold) values
  ('shop-busy', 'AWS/EC2', 'CPUUtilization', '{"InstanceId": "i-0a1b2c3d4e5f60718"}', 'Average', 300, 3, 'GreaterThanThreshold', 90);

insert into cloudwatch.metric_alarm_action (metric_alarm, topic) values ('shop-busy', 'shop-alarms');
