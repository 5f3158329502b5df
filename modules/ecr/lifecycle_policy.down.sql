-- Takes back lifecycle policies, and what sorts their rules.

select iasql.unregister('ecr.lifecycle_policy');
drop function ecr.sort_rules();
