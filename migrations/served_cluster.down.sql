-- Nobody leads a cluster.

drop table control.served_cluster;
