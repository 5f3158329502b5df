-- Takes back what refuses.

drop function postgres.refuse_smaller(postgres.cluster, postgres.cluster);
drop function postgres.held_by_standbys();
drop function postgres.refuse_columns(postgres.cluster);
