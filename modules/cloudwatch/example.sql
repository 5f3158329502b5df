-- An alarm for a machine that is busy for a quarter of an hour. Write the ARN of a topic into alarm_actions, and somebody gets to know.

insert into cloudwatch.metric_alarm (name, namespace, metric_name, dimensions, statistic, period, evaluation_periods, comparison_operator, threshold) values
  ('shop-busy', 'AWS/EC2', 'CPUUtilization', '{"InstanceId": "i-0a1b2c3d4e5f60718"}', 'Average', 300, 3, 'GreaterThanThreshold', 90);
