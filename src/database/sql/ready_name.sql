-- Grants and owners followed the new names by themselves; what is text is written anew.
begin;
set local role :"owner";
update iasql.setting set value = :'database' where name = 'database';
update iasql.setting set value = :'tenant' where name = 'tenant';
update iasql.setting set value = :'region' where name = 'default_region';
commit;
