-- Takes back public repositories, and what sorts their lists.

select iasql.unregister('ecr.public_repository');
drop function ecr.sort_catalog_data();
