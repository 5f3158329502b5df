-- Takes back databases, and what has a domain stand there for them.

select iasql.unregister('gateway.database');
drop function gateway.have_domain();
drop function gateway.keep_what_is_read();
