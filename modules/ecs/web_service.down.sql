-- Takes back what makes a web service in one call.

drop function ecs.drop_web_service(text, text);
drop function ecs.make_web_service(text, text, integer, text, text[], integer, integer, integer, jsonb, text, cidr, text);
