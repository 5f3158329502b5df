-- Takes back pins, and what refuses them on replicas.

select iasql.unregister('gateway.pin');
drop function gateway.pin_what_has_versions();
