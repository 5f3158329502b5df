-- Takes back task definitions and containers, and the functions that spell them.

select iasql.unregister('ecs.container_definition');
select iasql.unregister('ecs.task_definition');
drop function ecs.spell_container_definition();
drop function ecs.canonical_mount_points(jsonb);
drop function ecs.are_mount_points(jsonb);
drop function ecs.is_health_check(jsonb);
drop function ecs.canonical_port_mappings(jsonb);
drop function ecs.are_port_mappings(jsonb);
drop function ecs.are_texts(jsonb);
drop function ecs.spell_task_definition();
drop function ecs.are_volumes(jsonb);
drop function ecs.canonical_volumes(jsonb);
