select concat_ws(' ', r.start_time, r.status, r.return_message)
from cron.job_run_details as r
where r.status = 'failed'
order by r.runid
