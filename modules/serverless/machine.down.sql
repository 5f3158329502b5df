-- Takes back what databases and replicas have in common.

drop function serverless.changed(jsonb, jsonb, text[]);
drop function serverless.drop_machine(text);
drop function serverless.change_machine(text, text, integer, integer, text, text);
drop function serverless.lead_by_gateway(text);
drop function serverless.refuse_taken_bucket(text);
drop function serverless.make_machine(text, text, text, text, integer, integer, text, text, text, text);
drop function serverless.refuse_bucket(text, text, text);
drop function serverless.give_key(text, text, text);
