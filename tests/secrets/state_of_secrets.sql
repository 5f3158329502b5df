-- Which writes of secrets there were, and how long the history is.
select (select string_agg(s.value_version::text, ' ' order by s.name) from secretsmanager.secret s) || (select count(*) from iasql.history)
