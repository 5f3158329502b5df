-- Takes back records, and what spells them.

select iasql.unregister('route53.record');
drop function route53.spell_record();
