select r.runid, j.jobname, r.database, r.command, r.status, r.return_message, r.start_time, r.end_time
from cron.job_run_details as r
left join cron.job as j on j.jobid = r.jobid
order by r.runid desc
limit 100
