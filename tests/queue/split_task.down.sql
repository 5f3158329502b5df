-- Every task carries its payload itself again.
update queue.task as t set payload = p.payload
from queue.payload as p
where p.task = t.id;
alter table queue.task alter column payload set not null;
comment on column queue.task.payload is 'What the work is about.';
