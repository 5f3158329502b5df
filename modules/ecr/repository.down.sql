-- Takes back repositories, and what sorts their filters.

select iasql.unregister('ecr.repository');
drop function ecr.sort_filters();
