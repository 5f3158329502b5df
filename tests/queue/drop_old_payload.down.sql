-- The column is there again, and stays empty: version 3 looks into queue.payload first.
alter table queue.task add column payload jsonb;
comment on column queue.task.payload is 'What the work is about, until it has been moved to queue.payload.';
