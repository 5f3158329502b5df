-- Takes back hosted zones, and what names them.

select iasql.unregister('route53.hosted_zone_vpc');
select iasql.unregister('route53.hosted_zone');
drop function route53.spell_hosted_zone();
