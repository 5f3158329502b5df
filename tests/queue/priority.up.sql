-- The more urgent comes first.
alter table queue.task add column priority integer not null default 0;
comment on column queue.task.priority is 'The higher, the sooner; 0 as a rule.';

drop index queue.task_waiting;
create index task_waiting on queue.task (priority desc, id) where state = 'waiting';
create index task_overdue on queue.task (taken_until) where state = 'taken';
