-- All of it stands in queue.payload by now.
alter table queue.task drop column payload;
