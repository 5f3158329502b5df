-- Ends every session of our services, in all databases of the campaign.
select pg_terminate_backend(a.pid)::text from pg_stat_activity a
where  a.usename like 'iasql\_%' and (a.datname = current_database() or a.datname in (select d.name from control.database d))
