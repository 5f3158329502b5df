-- Takes back alarms, and what sorts their actions.

select iasql.unregister('cloudwatch.metric_alarm');
drop function cloudwatch.sort_actions();
