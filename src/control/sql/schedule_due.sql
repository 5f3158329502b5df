-- skip what another engine is asking for at this moment
select database, cron, clock_timestamp() as now
from control.schedule
where next_at <= clock_timestamp()
order by next_at
limit 100
for update skip locked
