-- those that wait for commits first, then the lately active ones
select d.name
from control.database as d
where d.ready
order by d.mode = 'on_commit' desc, d.active_at desc, d.name
