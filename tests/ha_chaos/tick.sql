select cron.schedule_in_database(
  job_name => 'tick', schedule => '* * * * *', database => 'main',
  command => $$insert into public.ticks (minute, server) values (date_trunc('minute', now()), current_setting('data_directory'))$$)
where not exists (select from cron.job as j where j.jobname = 'tick')
