-- Takes back certificates, and what spells them.

select iasql.unregister('acm.certificate');
drop function acm.spell_certificate();
