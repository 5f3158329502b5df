-- Takes back clusters on AWS.

drop function postgres.state_on_rds(text, text, integer);
drop function postgres.members_on_rds(text, text);
drop function postgres.end_on_rds(postgres.cluster);
drop function postgres.expand_on_rds(postgres.cluster);
drop function postgres.parameters_on_rds(postgres.cluster);
drop function postgres.is_otherwise_on_rds(postgres.cluster, postgres.cluster);
drop function postgres.follows_older(postgres.cluster);
drop function postgres.change_on_rds(postgres.cluster, postgres.cluster);
drop function postgres.refuse_on_rds(postgres.cluster);
drop function postgres.names_on_rds(text);
drop function postgres.begin_on_rds(postgres.cluster);
