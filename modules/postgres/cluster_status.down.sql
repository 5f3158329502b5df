-- Takes back the view; what it shows stands in observed.

drop view postgres.cluster_status;
