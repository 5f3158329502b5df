-- Instances as version 1 has them.

select iasql.begin_change('ec2.instance');
alter table ec2.instance
  drop column key_pair,
  drop column instance_profile,
  drop column http_tokens,
  drop column http_put_response_hop_limit,
  drop column http_endpoint,
  drop column disable_api_termination,
  drop column instance_initiated_shutdown_behavior,
  drop column desired_state;
select iasql.end_change('ec2.instance');
