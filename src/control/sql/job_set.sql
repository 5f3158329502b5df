-- one of that name is found again, and then all of it is as it is to be
select cron.alter_job(
  job_id => cron.schedule_in_database(job_name => $1, schedule => $2, command => $3, database => $4, active => $5),
  schedule => $2, command => $3, database => $4, active => $5)
