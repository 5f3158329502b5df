-- New tasks carry nothing themselves; online/fill_payload moves what the old ones carry.
alter table queue.task alter column payload drop not null;
comment on column queue.task.payload is 'What the work is about, until it has been moved to queue.payload.';
