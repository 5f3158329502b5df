-- How many rows hold the planted value as it is, and how much of it the planner has kept.
select ((select count(*) from secretsmanager.secret s where s.value like 'hunter2%')
  + (select count(*) from pg_catalog.pg_stats t where t.schemaname = 'secretsmanager' and t.most_common_vals::text like '%hunter2%'))::text
