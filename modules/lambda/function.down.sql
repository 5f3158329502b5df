-- Takes back functions, and what works out the hashes of their code.

select iasql.unregister('lambda.function_security_group');
select iasql.unregister('lambda.function_subnet');
select iasql.unregister('lambda.function');
drop function lambda.hash_code();
