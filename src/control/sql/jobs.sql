select j.jobname, j.schedule, j.database, j.command, j.active
from cron.job as j
where j.jobname is not null
order by j.jobname
