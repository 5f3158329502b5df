-- Takes back what a database without a gateway needs.

drop function serverless.lead_by_proxy(text, text, text, text, text, integer, text, text);
drop function serverless.tell(text, text, text, integer, text, text);
drop function serverless.verifier(text, bytea);
drop function serverless.pad(bytea, text);
drop function serverless.bytes(bit varying);
