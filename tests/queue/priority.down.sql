-- Back to the order in which tasks were put.
drop index queue.task_overdue;
drop index queue.task_waiting;
alter table queue.task drop column priority;
create index task_waiting on queue.task (id) where state = 'waiting';
