-- Ends every session of our services, in all databases of the campaign, and the queue's; but this one.
select pg_terminate_backend(a.pid)::text from pg_stat_activity a
where  (a.usename like 'iasql\_%' or a.application_name = 'iasql') and a.pid <> pg_backend_pid()
  and  (a.datname = current_database() or a.datname in (select d.name from control.database d))
