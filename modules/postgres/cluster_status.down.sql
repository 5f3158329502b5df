-- Takes back the view; what it shows stands in observed.

drop view postgres.cluster_status;
drop function iasql.admit_to_what_postgres_added(text);
