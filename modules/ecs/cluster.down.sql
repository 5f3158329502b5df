-- Takes back clusters, and the functions that spell them.

select iasql.unregister('ecs.cluster');
drop function ecs.spell_cluster();
drop function ecs.sorted(text[]);
drop function ecs.is_strategy(jsonb);
